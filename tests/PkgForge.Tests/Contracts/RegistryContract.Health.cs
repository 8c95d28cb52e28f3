using AwesomeAssertions;
using Microsoft.Extensions.Time.Testing;
using PkgForge.Jobs;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

/// <summary>Builders' health.</summary>
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

        (await Registry.FindHeldTaskAsync(task.Lease, Cancel)).Should().Be(task);
        (await Registry.FindHeldTaskAsync(task.Lease with { Builder = "b2" }, Cancel)).Should().BeNull();
        (await Registry.FindHeldTaskAsync(task.Lease with { Number = 2 }, Cancel)).Should().BeNull();
        await FinishAsync(task, BuildTaskState.Success);
        (await Registry.FindHeldTaskAsync(task.Lease, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task Who_was_given_a_task_is_known_also_when_it_has_ended()
    {
        await RegisterAsync("hello");
        var task = await ClaimAsync(await BuilderAsync("b1"));
        await BuilderAsync("b2");
        (await Registry.FindGivenTaskAsync(task.Lease, Cancel)).Should().Be(task);
        await FinishAsync(task, BuildTaskState.Success);

        (await Registry.FindGivenTaskAsync(task.Lease, Cancel)).Should().Be(task);
        (await Registry.FindGivenTaskAsync(task.Lease with { Builder = "b2" }, Cancel)).Should().BeNull();
        (await Registry.FindGivenTaskAsync(task.Lease with { Number = 2 }, Cancel)).Should().BeNull();
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
}
