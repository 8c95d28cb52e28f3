using AwesomeAssertions;
using Microsoft.Extensions.Time.Testing;
using PkgForge.Jobs;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

/// <summary>Builders' health, their tokens, and why tasks wait.</summary>
public abstract partial class RegistryContract
{
    private async Task<Builder> HealthAsync(string name = "b1") =>
        (await Registry.ListBuildersAsync(Cancel)).Single(b => b.Name == name);

    /// <summary>Farm faults so soon after their claims, of new jobs.</summary>
    private async Task FaultAsync(BuilderSession builder, int times, int seconds = 0)
    {
        for (var i = 0; i < times; i++)
        {
            await RegisterAsync($"fault-{Guid.NewGuid():N}");
            var task = await ClaimAsync(builder);
            await ExecuteAsync($"UPDATE task SET claimed = {Ago(seconds)} WHERE state = 12");
            await Registry.RequeueAsync(task.Lease, AttemptOutcome.FarmFault, "no disk", null, Cancel);
            await Registry.CancelAsync(task.Job, null, Cancel);
        }
    }

    private async Task<Waiting> WhyAsync(string id = "hello") =>
        (await Registry.ExplainAsync(JobId.Parse(id), Cancel)).Single();

    [Fact]
    public async Task Three_fast_faults_in_a_row_put_a_builder_in_quarantine_and_a_hand_takes_it_out()
    {
        var builder = await BuilderAsync();
        await FaultAsync(builder, 2);
        (await HealthAsync()).Quarantine.Should().BeNull();
        (await HealthAsync()).FastFaults.Should().Be(2);
        await FaultAsync(builder, 1);
        await RegisterAsync("hello");

        var quarantine = (await HealthAsync()).Quarantine!;
        quarantine.Reason.Should().Be("3 farm faults in a row, each within 60 s of its claim; the last: no disk");
        (quarantine.Canary - quarantine.Since).Should().Be(TimeSpan.FromMinutes(10));
        (await HealthAsync()).Faults.Should().HaveCount(3).And.OnlyContain(f => f.Message == "no disk");
        (await NextAsync(builder)).Should().BeNull();

        (await Registry.ReleaseBuilderAsync("b1", Cancel)).Should().BeTrue();
        (await Registry.ReleaseBuilderAsync("nobody", Cancel)).Should().BeFalse();

        (await HealthAsync()).Should().BeEquivalentTo(new { Quarantine = (Quarantine?)null, FastFaults = 0 });
        (await NextAsync(builder)).Should().Be("hello");
    }

    [Fact]
    public async Task A_builder_that_dies_again_and_again_is_put_in_quarantine_and_a_lost_canary_lengthens_it()
    {
        for (var i = 0; i < 3; i++)
        {
            await RegisterAsync($"hello-{i}");
            await ClaimAsync(await BuilderAsync());
            await ExpireLeasesAsync();
            await Registry.ReleaseExpiredAsync(Cancel);
            await Registry.CancelAsync(JobId.Parse($"hello-{i}"), null, Cancel);
        }
        (await HealthAsync()).Quarantine!.Reason.Should().EndWith("its lease expired");

        await RegisterAsync("canary");
        await ExecuteAsync($"UPDATE builder SET canary = {Ago(1)}, quarantined = {Ago(1200)}");
        (await ClaimAsync(await BuilderAsync())).Job.ToString().Should().Be("canary");
        // Started again, it finds the task that it held.
        var again = await BuilderAsync();

        (await HealthAsync()).Quarantine!.Canary.Should().BeAfter((await HealthAsync()).LastSeen!.Value.AddMinutes(19));
        (await NextAsync(again)).Should().BeNull();
        (await TaskAsync("canary")).Attempts.Single().Outcome.Should().Be(AttemptOutcome.Lost);
    }

    [Fact]
    public async Task A_builder_that_is_stopped_by_its_administrator_bears_no_blame()
    {
        for (var i = 0; i < 4; i++)
        {
            await RegisterAsync($"hello-{i}");
            var builder = await BuilderAsync();
            await ClaimAsync(builder);
            await Registry.DetachBuilderAsync(builder, Cancel);
            await Registry.CancelAsync(JobId.Parse($"hello-{i}"), null, Cancel);
        }

        (await HealthAsync()).Quarantine.Should().BeNull();
    }

    [Fact]
    public async Task A_task_that_is_lost_once_too_often_is_given_up_and_its_people_are_told()
    {
        await RegisterAsync("hello");
        var told = new List<string>();
        OutgoingMail Report(ClaimedTask task, string why)
        {
            told.Add($"{task.Job} attempt {task.Attempt}: {why}");
            return new(["ada@example.org"], "given up", new Dictionary<string, string>(), why);
        }
        for (var i = 0; i < 3; i++)
        {
            await Registry.AddBuilderAsync($"b{i}", Bookworm, Cancel);
            var builder = (await Registry.AttachBuilderAsync($"b{i}", "one", Report, Cancel)).Session!;
            (await ClaimAsync(builder)).Attempt.Should().Be(i + 1);
            await ExpireLeasesAsync();
            await Registry.ReleaseExpiredAsync(Report, Cancel);
        }

        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.Fail);
        told.Should().Equal("hello attempt 3: the builder was not heard of any more: its lease expired");
        (await Registry.TakeMailAsync(10, Cancel)).Single().Mail.Subject.Should().Be("given up");
    }

    [Fact]
    public async Task A_name_is_held_on_after_a_build_that_took_longer_than_names_are_held()
    {
        await RegisterAsync("hello");
        var builder = await BuilderAsync();
        var task = await ClaimAsync(builder);
        await ExecuteAsync($"UPDATE builder SET last_seen = {Ago(3600)}");

        await FinishAsync(task, BuildTaskState.Success);

        (await Registry.AttachBuilderAsync("b1", "another", Cancel)).Session.Should().BeNull();
    }

    [Fact]
    public async Task A_task_that_ended_leaves_no_refusals()
    {
        await RegisterAsync("hello");
        await Registry.RefuseTaskAsync((await ClaimAsync(await BuilderAsync())).Lease, "no room", Cancel);
        await FinishAsync(await ClaimAsync(await BuilderAsync("b2")), BuildTaskState.Success);

        // A row that is there cannot be there twice.
        (await IsRefusedAsync("INSERT INTO refusal SELECT * FROM refusal"))
            .Should()
            .BeFalse("there is none");
    }

    [Fact]
    public async Task Only_the_databases_clock_counts()
    {
        await RegisterAsync("hello");
        await using var early = Registries.Open(Options, new FakeTimeProvider(new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        await using var late = Registries.Open(Options, new FakeTimeProvider(new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        await Registry.AddBuilderAsync("b1", Bookworm, Cancel);
        var builder = (await early.AttachBuilderAsync("b1", "one", Cancel)).Session!;
        var task = (await early.ClaimNextTaskAsync(builder, Cancel))!;

        (await late.ReleaseExpiredAsync(Cancel)).Should().Be(0);
        (await late.AttachBuilderAsync("b1", "another", Cancel))
            .Session.Should()
            .BeNull("its lease says that it lives");
        (await late.HeartbeatAsync(task.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
        await ExpireLeasesAsync();
        (await early.ReleaseExpiredAsync(Cancel)).Should().Be(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Faults_are_not_in_a_row_after_a_verdict_or_a_slow_one(bool slow)
    {
        var builder = await BuilderAsync();
        await FaultAsync(builder, 2);
        if (slow)
            await FaultAsync(builder, 1, seconds: 61);
        else
        {
            await RegisterAsync("hello");
            await FinishAsync(await ClaimAsync(builder), BuildTaskState.Fail);
        }

        await FaultAsync(builder, 2);

        (await HealthAsync()).Quarantine.Should().BeNull();
    }

    [Fact]
    public async Task A_canary_that_gets_a_verdict_ends_the_quarantine()
    {
        var builder = await BuilderAsync();
        await FaultAsync(builder, 3);
        await RegisterAsync("hello");
        await ExecuteAsync($"UPDATE builder SET canary = {Ago(1)}");

        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);

        (await HealthAsync()).Quarantine.Should().BeNull();
    }

    [Fact]
    public async Task A_canary_that_fails_lengthens_the_quarantine_and_is_not_charged_to_its_task()
    {
        var builder = await BuilderAsync();
        await FaultAsync(builder, 3);
        await RegisterAsync("hello");
        for (var i = 0; i < 4; i++)
        {
            await ExecuteAsync($"UPDATE builder SET canary = {Ago(1)}, quarantined = {Ago(1800)}");
            var canary = await ClaimAsync(builder);
            (await Registry.RequeueAsync(canary.Lease, AttemptOutcome.FarmFault, "still no disk", null, Cancel))
                .Should()
                .Be(RequeueOutcome.PutBack);
        }

        var quarantine = (await HealthAsync()).Quarantine!;
        (quarantine.Canary - quarantine.Since).Should().BeCloseTo(TimeSpan.FromHours(1), TimeSpan.FromSeconds(20));
        quarantine.Reason.Should().Contain("still no disk");
        (await NextAsync(builder)).Should().BeNull("its time has not come");
        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.NeedsBuild);
    }

    [Fact]
    public async Task A_draining_builder_ends_what_it_builds_and_gets_no_more()
    {
        await RegisterAsync("one");
        await RegisterAsync("two");
        var builder = await BuilderAsync();
        var one = await ClaimAsync(builder);

        (await Registry.SetDrainingAsync("b1", true, Cancel)).Should().BeTrue();
        (await Registry.SetDrainingAsync("nobody", true, Cancel)).Should().BeFalse();

        (await Registry.HeartbeatAsync(one.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
        (await FinishAsync(one, BuildTaskState.Success)).Should().BeTrue();
        (await NextAsync(builder)).Should().BeNull();
        (await HealthAsync()).Draining.Should().BeTrue();
        await using var wakeUp = await Registry.ListenAsync(Topic.Tasks(Bookworm), Cancel);
        await Registry.SetDrainingAsync("b1", false, Cancel);
        (await wakeUp.WaitAsync(Long, Cancel)).Should().BeTrue();
        (await NextAsync(builder)).Should().Be("two");
    }

    [Fact]
    public async Task One_sign_of_life_is_for_many_and_tells_what_to_look_after()
    {
        var b1 = await BuilderAsync("b1");
        var f1 = await BuilderAsync("f1", Fedora);
        var old = b1;
        b1 = (await Registry.AttachBuilderAsync("b1", "one", Cancel)).Session!;
        await ExecuteAsync($"UPDATE builder SET last_seen = {Ago(600)}");
        await RegisterAsync("hello");

        var beat = await Registry.BeatAsync([old, b1, f1], Cancel);

        beat.Held.Should().BeEquivalentTo([b1, f1]);
        beat.Waiting.Should().Equal(Bookworm);
        beat.NextExpiry.Should().BeNull();
        (await HealthAsync("f1")).Running.Should().BeTrue();
        await ClaimAsync(b1);
        beat = await Registry.BeatAsync([f1], Cancel);
        beat.Waiting.Should().BeEmpty();
        beat.NextExpiry.Should().BeCloseTo(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5));
        await ExpireLeasesAsync();
        (await Registry.BeatAsync([f1], Cancel)).NextExpiry.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_held_task_is_found_by_its_holder_and_its_lease_only()
    {
        await RegisterAsync("hello");
        await BuilderAsync("b2");
        var task = await ClaimAsync(await BuilderAsync("b1"));

        (await Registry.FindHeldTaskAsync("b1", task.Lease, Cancel)).Should().Be(task);
        (await Registry.FindHeldTaskAsync("b2", task.Lease, Cancel)).Should().BeNull();
        (await Registry.FindHeldTaskAsync("b1", task.Lease with { Number = 2 }, Cancel)).Should().BeNull();
        await FinishAsync(task, BuildTaskState.Success);
        (await Registry.FindHeldTaskAsync("b1", task.Lease, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task Who_was_given_a_task_is_known_also_when_it_has_ended()
    {
        await RegisterAsync("hello");
        var task = await ClaimAsync(await BuilderAsync("b1"));
        await BuilderAsync("b2");
        (await Registry.FindGivenTaskAsync("b1", task.Lease, Cancel)).Should().Be(task);
        await FinishAsync(task, BuildTaskState.Success);

        (await Registry.FindGivenTaskAsync("b1", task.Lease, Cancel)).Should().Be(task);
        (await Registry.FindGivenTaskAsync("b2", task.Lease, Cancel)).Should().BeNull();
        (await Registry.FindGivenTaskAsync("b1", task.Lease with { Number = 2 }, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task A_cancel_wakes_the_builder_that_builds()
    {
        await RegisterAsync("hello");
        await ClaimAsync(await BuilderAsync("b1"));
        await using var wakeUp = await Registry.ListenAsync(Topic.Requests("b1"), Cancel);

        await Registry.CancelAsync(JobId.Parse("hello"), null, Cancel);

        (await wakeUp.WaitAsync(Long, Cancel)).Should().BeTrue();
    }

    [Fact]
    public async Task A_code_enrols_once_and_the_token_is_its_builders()
    {
        await BuilderAsync("b1");
        (await Registry.AddEnrolmentAsync("nobody", Sha, Long, Cancel)).Should().BeFalse();
        (await Registry.AddEnrolmentAsync("b1", Sha, Long, Cancel)).Should().BeTrue();

        var holder = await Registry.EnrolAsync(Sha, OtherSha, Cancel);

        holder.Should().Be(new TokenHolder("b1", Bookworm, Expired: false, Revoked: false));
        (await Registry.EnrolAsync(Sha, OtherSha, Cancel)).Should().Be(holder, "the answer may have been lost");
        (await Registry.EnrolAsync(Sha, new('c', 64), Cancel)).Should().BeNull("the code is used up");
        (await Registry.FindTokenAsync(OtherSha, Cancel)).Should().Be(holder);
        (await Registry.FindTokenAsync(Sha, Cancel)).Should().BeNull("a code is no token");
        (await Registry.RevokeTokensAsync("b1", Cancel)).Should().Be(1);
        (await Registry.RevokeTokensAsync("nobody", Cancel)).Should().BeNull();
        (await Registry.FindTokenAsync(OtherSha, Cancel))!.Revoked.Should().BeTrue();
    }

    [Fact]
    public async Task A_code_that_is_old_or_was_replaced_enrols_nobody()
    {
        await BuilderAsync("b1");
        await Registry.AddEnrolmentAsync("b1", Sha, Long, Cancel);
        await Registry.AddEnrolmentAsync("b1", new('c', 64), Long, Cancel);
        (await Registry.EnrolAsync(Sha, OtherSha, Cancel)).Should().BeNull();
        await ExecuteAsync($"UPDATE token SET expires = {Ago(1)}");

        (await Registry.EnrolAsync(new('c', 64), OtherSha, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task Enrolling_again_ends_the_former_token()
    {
        await BuilderAsync("b1");
        await Registry.AddEnrolmentAsync("b1", Sha, Long, Cancel);
        await Registry.EnrolAsync(Sha, OtherSha, Cancel);
        await Registry.AddEnrolmentAsync("b1", new('c', 64), Long, Cancel);
        (await Registry.FindTokenAsync(OtherSha, Cancel))!.Revoked.Should().BeFalse("the new machine is not there yet");

        await Registry.EnrolAsync(new('c', 64), new('d', 64), Cancel);

        (await Registry.FindTokenAsync(OtherSha, Cancel))!.Revoked.Should().BeTrue();
    }

    [Fact]
    public async Task A_task_says_that_nobody_builds_for_its_platform()
    {
        await RegisterAsync("hello");
        (await WhyAsync())
            .Should()
            .BeEquivalentTo(
                new
                {
                    Reason = WaitReason.NoBuilder,
                    Details = "there is no builder for bookworm-amd64: add one with `pkgforge builder add`",
                }
            );
        var builder = await BuilderAsync();
        await Registry.SetDrainingAsync("b1", true, Cancel);
        (await WhyAsync()).Details.Should().EndWith("takes tasks: b1 is draining");
        await Registry.DetachBuilderAsync(builder, Cancel);
        (await WhyAsync()).Details.Should().Contain("b1 is stopped (last seen 20");
    }

    [Fact]
    public async Task A_task_says_how_many_go_before_it_and_when_it_should_begin()
    {
        await LearnAsync("hello", 60);
        var builder = await BuilderAsync("teacher");
        for (var i = 0; i < 3; i++)
            await RegisterSourceAsync($"hello{i}", "hello");

        var first = await WhyAsync("hello0");
        first
            .Should()
            .BeEquivalentTo(new { Reason = WaitReason.TasksBefore, Before = 0 }, o => o.Excluding(w => w.Reason));
        first.Details.Should().Be("it is next: a builder is about to take it");
        await ClaimAsync(builder);

        var last = await WhyAsync("hello2");

        last.Should().BeEquivalentTo(new { Reason = WaitReason.TasksBefore, Before = 1 });
        last.Details.Should().Be("1 task goes before it, for 1 builder");
        (last.Start!.Value - TimeProvider.System.GetUtcNow())
            .Should()
            .BeCloseTo(TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(10));
        (await WhyAsync("hello1")).Details.Should().Be("it is next, when teacher is done");
    }

    [Fact]
    public async Task A_task_of_another_submitter_has_only_its_turns_before_it()
    {
        var builder = await BuilderAsync();
        for (var i = 0; i < 9; i++)
            await RegisterAsync($"ada{i}", "ada");
        await RegisterAsync("bob1", "bob");
        await ClaimAsync(builder);

        (await WhyAsync("bob1")).Before.Should().Be(1);
        (await WhyAsync("ada8")).Before.Should().Be(8);
    }

    [Fact]
    public async Task A_task_says_what_else_holds_it_up()
    {
        await RegisterAsync("hello");
        await RegisterAfterAsync("last", "hello");
        var builder = await BuilderAsync();
        (await WhyAsync("last"))
            .Should()
            .BeEquivalentTo(new { Reason = WaitReason.AfterOthers, Details = "waits for hello (needs build)" });

        await Registry.RefuseTaskAsync((await ClaimAsync(builder)).Lease, "no room", Cancel);
        (await WhyAsync())
            .Should()
            .Match<Waiting>(why =>
                why.Reason == WaitReason.RefusedByAll
                && why.Details.StartsWith("refused by every builder that runs: b1: no room (asked again at ")
            );

        await Registry.SetCapAsync(new(CapKind.Bucket, "main", 0), Cancel);
        await BuilderAsync("b2");
        (await WhyAsync())
            .Should()
            .BeEquivalentTo(
                new { Reason = WaitReason.Cap, Details = "bucket main has reached its cap of 0 tasks at once" }
            );

        await Registry.SetPlatformActiveAsync(Bookworm, false, Cancel);
        (await WhyAsync()).Reason.Should().Be(WaitReason.PlatformInactive);
    }

    [Fact]
    public async Task A_task_that_is_left_to_another_builder_says_so()
    {
        await RegisterAsync("hello");
        var failing = await BuilderAsync();
        await BuilderAsync("b2");
        var task = await ClaimAsync(failing);
        await Registry.RequeueAsync(task.Lease, AttemptOutcome.FarmFault, "no disk", null, Cancel);

        (await WhyAsync())
            .Details.Should()
            .StartWith("it is next: a builder is about to take it; b1 failed with it, and leaves it to others until ");
    }

    [Fact]
    public async Task Older_tasks_of_ones_own_for_another_bucket_go_before()
    {
        for (var i = 0; i < 5; i++)
            await RegisterAsync(NewJob($"older-{i}"), job => job with { Bucket = "other" });
        await RegisterAsync("hello");
        await BuilderAsync();

        (await WhyAsync()).Before.Should().Be(5);
    }

    [Fact]
    public async Task Where_a_cap_is_free_again_and_where_a_platform_is_active_again_those_who_wait_are_woken()
    {
        await Registry.SetCapAsync(new(CapKind.Submitter, "*", 1), Cancel);
        await RegisterAsync("hello", Bookworm, Fedora);
        var claim = await ClaimAsync(await BuilderAsync());
        (await NextAsync(await BuilderAsync("f1", Fedora))).Should().BeNull("the cap is reached");
        await using var wakeUp = await Registry.ListenAsync(Topic.Tasks(Fedora), Cancel);

        await FinishAsync(claim, BuildTaskState.Success);
        (await wakeUp.WaitAsync(Long, Cancel)).Should().BeTrue();

        await Registry.SetPlatformActiveAsync(Fedora, true, Cancel);
        (await wakeUp.WaitAsync(Long, Cancel)).Should().BeTrue();
    }

    [Fact]
    public async Task A_retry_of_the_whole_job_builds_successes_again_and_keeps_their_attempts()
    {
        await RegisterAsync("hello");
        var builder = await BuilderAsync();
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);
        (await RetryJobAsync("hello")).Should().BeEmpty("nothing has failed");

        (await Registry.RetryAsync(JobId.Parse("hello"), null, true, Cancel)).Should().Equal(Bookworm);

        (await Registry.CountAsync(Cancel))["product"].Should().Be(0);
        (await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success)).Should().BeTrue();
        (await TaskAsync("hello")).Attempts.Select(a => a.Number).Should().Equal(1, 2);
    }
}
