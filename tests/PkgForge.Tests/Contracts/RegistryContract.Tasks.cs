using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class RegistryContract
{
    [Fact]
    public async Task A_claim_takes_the_oldest_waiting_task_of_the_builders_platform()
    {
        await RegisterAsync("other", Fedora);
        await RegisterAsync("first");
        await RegisterAsync("second");
        var builder = await BuilderAsync();

        var claim = await ClaimAsync(builder);

        claim.Job.Should().Be(JobId.Parse("first"));
        claim.Platform.Should().Be(Bookworm);
        claim.Attempt.Should().Be(1);
        var task = await TaskAsync("first");
        task.State.Should().Be(BuildTaskState.Building);
        task.Attempts.Should().ContainSingle();
        task.Attempts[0]
            .Should()
            .BeEquivalentTo(
                new
                {
                    Number = 1,
                    Builder = "b1",
                    Outcome = AttemptOutcome.Running,
                }
            );
        (await JobStateAsync("first")).Should().Be(JobState.Building);
        (await JobStateAsync("second")).Should().Be(JobState.Registered);
    }

    [Fact]
    public async Task A_claim_prefers_the_higher_priority()
    {
        await RegisterAsync("first");
        await RegisterAsync(NewJob("urgent"), job => job with { Priority = Priority.Urgent });

        (await ClaimAsync(await BuilderAsync())).Job.Should().Be(JobId.Parse("urgent"));
    }

    [Fact]
    public async Task A_claim_finds_nothing_when_nothing_waits()
    {
        var builder = await BuilderAsync();
        await RegisterAsync("other", Fedora);

        (await Registry.ClaimNextTaskAsync(builder, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task A_session_that_claims_again_gets_the_task_that_it_holds()
    {
        await RegisterAsync("first");
        await RegisterAsync("second");
        var builder = await BuilderAsync();

        var claim = await ClaimAsync(builder);
        (await ClaimAsync(builder)).Should().Be(claim);

        (await TaskAsync("first")).Attempts.Should().ContainSingle();
        (await JobStateAsync("second")).Should().Be(JobState.Registered);
    }

    [Fact]
    public async Task A_builder_that_has_had_many_tasks_has_moved_on_a_turn_and_still_has_one_task_at_a_time()
    {
        await Registry.RegisterJobsAsync([.. Enumerable.Range(1, 130).Select(n => NewJob($"j{n}"))], Cancel);
        var builder = await BuilderAsync();
        for (var i = 0; i < 128; i++)
            await FinishAsync(await ClaimAsync(builder), BuildTaskState.Fail);

        // Ends the session of a builder that has not moved on.
        await ExecuteAsync("UPDATE builder SET session = 0 WHERE turn = 0");
        var held = await ClaimAsync(builder);

        held.Should().NotBeNull();
        (await ClaimAsync(builder)).Should().Be(held);
    }

    [Fact]
    public async Task Many_claimers_at_once_never_get_the_same_task()
    {
        const int Tasks = 200;
        const int Builders = 20;
        for (var i = 0; i < Tasks; i++)
            await RegisterAsync($"job-{i}");
        var sessions = new List<BuilderSession>();
        for (var i = 0; i < Builders; i++)
            sessions.Add(await BuilderAsync($"b{i}"));

        var claimed = await Task.WhenAll(sessions.Select(session => Task.Run(() => WorkOffAsync(session), Cancel)));

        claimed.SelectMany(jobs => jobs).Should().HaveCount(Tasks).And.OnlyHaveUniqueItems();
        for (var i = 0; i < Tasks; i += 37)
            (await JobStateAsync($"job-{i}")).Should().Be(JobState.Successful);
    }

    private async Task<List<JobId>> WorkOffAsync(BuilderSession session)
    {
        var jobs = new List<JobId>();
        while (await Registry.ClaimNextTaskAsync(session, Cancel) is { } claim)
        {
            jobs.Add(claim.Job);
            (await FinishAsync(claim, BuildTaskState.Success)).Should().BeTrue();
        }
        return jobs;
    }

    [Fact]
    public async Task A_finished_task_has_its_result_and_its_products()
    {
        await RegisterAsync("hello");
        var builder = await BuilderAsync();
        var claim = await ClaimAsync(builder);

        (await FinishAsync(claim, BuildTaskState.Fail)).Should().BeTrue();

        var task = await TaskAsync("hello");
        task.State.Should().Be(BuildTaskState.Fail);
        var attempt = task.Attempts.Single();
        attempt
            .Should()
            .BeEquivalentTo(
                new
                {
                    Outcome = AttemptOutcome.Fail,
                    Cause = Cause.Compile,
                    Evidence = "main.c:1: error",
                    Message = "done",
                }
            );
        attempt.Ended.Should().NotBeNull().And.BeOnOrAfter(attempt.Started);
        (await JobAsync("hello")).Job.Ended.Should().BeOnOrAfter(attempt.Started);
        (await Registry.ListBuildersAsync(Cancel)).Single().Current.Should().BeNull();
    }

    [Fact]
    public async Task Products_are_registered_with_success_only()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        var wrong = Result(BuildTaskState.Success) with { State = BuildTaskState.Fail };

        await FluentActions
            .Awaiting(() => Registry.FinishTaskAsync(claim.Lease, wrong, Cancel))
            .Should()
            .ThrowAsync<ArgumentException>();
        await FinishAsync(claim, BuildTaskState.Success);

        (await Registry.CountAsync(Cancel))["product"].Should().Be(1);
    }

    [Fact]
    public async Task A_result_that_breaks_a_rule_changes_nothing()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        var twice = Result(BuildTaskState.Success) with { Products = [new("a.deb", 1, Sha), new("a.deb", 1, Sha)] };

        await FluentActions
            .Awaiting(() => Registry.FinishTaskAsync(claim.Lease, twice, Cancel))
            .Should()
            .ThrowAsync<Exception>();

        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.Building);
        (await FinishAsync(claim, BuildTaskState.Success)).Should().BeTrue();
    }

    [Fact]
    public async Task A_failure_without_a_cause_is_unknown_and_hostile_evidence_is_stored()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        var result = Result(BuildTaskState.Fail) with { Cause = null, Evidence = "\0\ud800" + new string('x', 600) };

        (await Registry.FinishTaskAsync(claim.Lease, result, Cancel)).Should().BeTrue();

        var attempt = (await TaskAsync("hello")).Attempts.Single();
        attempt.Cause.Should().Be(Cause.Unknown);
        attempt.Evidence.Should().HaveLength(500).And.StartWith("\ufffd\ufffdxx");
        attempt.Place.Should().BeNull();
    }

    [Fact]
    public async Task Evidence_has_its_place_in_the_log_and_no_place_is_without_evidence()
    {
        var place = new LogPlace(5_000_000_000, 70_000_000);
        foreach (var evidence in new[] { "main.c:1: error", null })
        {
            var id = evidence is null ? "without" : "with";
            await RegisterAsync(id);
            var claim = await ClaimAsync(await BuilderAsync($"b-{id}"));
            var result = Result(BuildTaskState.Fail) with { Evidence = evidence, Place = place };
            (await Registry.FinishTaskAsync(claim.Lease, result, Cancel)).Should().BeTrue();
            (await TaskAsync(id)).Attempts.Single().Place.Should().Be(evidence is null ? null : place);
        }
        foreach (
            var wrong in new[]
            {
                "evidence_offset = -1",
                "evidence_line = 0",
                "evidence_offset = NULL",
                "evidence_line = NULL",
                "evidence = NULL",
            }
        )
            await FluentActions
                .Awaiting(() => ExecuteAsync($"UPDATE attempt SET {wrong} WHERE evidence IS NOT NULL"))
                .Should()
                .ThrowAsync<Exception>("{0} cannot be", wrong);
    }

    [Fact]
    public async Task Finishing_twice_with_the_same_result_is_true_and_changes_nothing()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        var mail = new OutgoingMail(["ada@example.org"], "ok", new Dictionary<string, string>(), "body");

        for (var i = 0; i < 2; i++)
            (await Registry.FinishTaskAsync(claim.Lease, Result(BuildTaskState.Success, mail), Cancel))
                .Should()
                .BeTrue();

        var counts = await Registry.CountAsync(Cancel);
        counts["product"].Should().Be(1);
        counts["outbox"].Should().Be(1);
        (await FinishAsync(claim, BuildTaskState.Fail)).Should().BeFalse();
        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.Success);
    }

    [Fact]
    public async Task An_old_lease_can_change_nothing()
    {
        await RegisterAsync("hello");
        var old = await ClaimAsync(await BuilderAsync("b1"));
        await ExpireLeasesAsync();
        await Registry.ReleaseExpiredAsync(Cancel);
        var current = await ClaimAsync(await BuilderAsync("b2"));
        current.Attempt.Should().Be(2);
        var before = await JobAsync("hello");

        (await Registry.HeartbeatAsync(old.Lease, Cancel)).Should().Be(LeaseAnswer.Lost);
        (await FinishAsync(old, BuildTaskState.Success)).Should().BeFalse();
        (await Registry.RequeueAsync(old.Lease, AttemptOutcome.FarmFault, "late", null, Cancel))
            .Should()
            .Be(RequeueOutcome.Refused);

        (await JobAsync("hello")).Should().BeEquivalentTo(before);
        (await Registry.HeartbeatAsync(current.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
    }

    [Fact]
    public async Task A_heartbeat_keeps_a_lease_alive_and_an_unheard_one_is_put_back_as_lost()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        await ExpireLeasesAsync();
        (await Registry.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
        (await Registry.ReleaseExpiredAsync(Cancel)).Should().Be(0);

        await ExpireLeasesAsync();
        (await Registry.ReleaseExpiredAsync(Cancel)).Should().Be(1);

        var task = await TaskAsync("hello");
        task.State.Should().Be(BuildTaskState.NeedsBuild);
        task.Attempts.Single().Outcome.Should().Be(AttemptOutcome.Lost);
        (await JobStateAsync("hello")).Should().Be(JobState.Building);
    }

    [Fact]
    public async Task A_lease_lasts_as_long_as_the_options_say()
    {
        await RegisterAsync("hello");
        await using var hasty = Registries.Open(Options with { Lease = TimeSpan.Zero });
        var builder = await BuilderAsync();
        var first = (await hasty.ClaimNextTaskAsync(builder, Cancel))!;
        while (await Registry.ReleaseExpiredAsync(Cancel) == 0)
            await Task.Yield();

        (await ClaimAsync(builder)).Lease.Number.Should().Be(first.Lease.Number + 1);
        (await Registry.ReleaseExpiredAsync(Cancel)).Should().Be(0);
    }

    [Fact]
    public async Task More_expired_leases_than_one_batch_are_all_put_back()
    {
        for (var i = 0; i < 130; i++)
        {
            await RegisterAsync($"job-{i}");
            await ClaimAsync(await BuilderAsync($"b{i}"));
        }
        await ExpireLeasesAsync();

        (await Registry.ReleaseExpiredAsync(Cancel)).Should().Be(130);
    }

    [Fact]
    public async Task The_third_farm_fault_gives_the_task_up_and_keeps_the_message()
    {
        await RegisterAsync("hello");
        var builder = await BuilderAsync();
        var outcomes = new List<RequeueOutcome>();
        for (var i = 1; i <= 3; i++)
        {
            var claim = await ClaimAsync(builder);
            outcomes.Add(
                await Registry.RequeueAsync(claim.Lease, AttemptOutcome.FarmFault, $"no disk {i}", null, Cancel)
            );
        }

        outcomes.Should().Equal(RequeueOutcome.PutBack, RequeueOutcome.PutBack, RequeueOutcome.GivenUp);
        var task = await TaskAsync("hello");
        task.State.Should().Be(BuildTaskState.Fail);
        task.Attempts.Select(attempt => attempt.Message).Should().Equal("no disk 1", "no disk 2", "no disk 3");
        task.Attempts.Should().OnlyContain(attempt => attempt.Outcome == AttemptOutcome.FarmFault);
        (await JobStateAsync("hello")).Should().Be(JobState.Failed);
    }

    [Fact]
    public async Task Lost_attempts_count_as_farm_faults()
    {
        await RegisterAsync("hello");
        var builder = await BuilderAsync();
        for (var i = 0; i < 3; i++)
        {
            await ClaimAsync(builder);
            await ExpireLeasesAsync();
            await Registry.ReleaseExpiredAsync(Cancel);
        }

        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.Fail);
        (await Registry.ClaimNextTaskAsync(builder, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task An_interruption_never_counts()
    {
        await RegisterAsync("hello");
        var builder = await BuilderAsync();
        for (var i = 0; i < 2; i++)
            await Registry.RequeueAsync(
                (await ClaimAsync(builder)).Lease,
                AttemptOutcome.FarmFault,
                "no disk",
                null,
                Cancel
            );

        for (var i = 0; i < 5; i++)
        {
            var claim = await ClaimAsync(builder);
            (await Registry.RequeueAsync(claim.Lease, AttemptOutcome.Interrupted, "shutdown", null, Cancel))
                .Should()
                .Be(RequeueOutcome.PutBack);
        }

        (await ClaimAsync(builder)).Attempt.Should().Be(8);
    }

    [Theory]
    [InlineData(AttemptOutcome.Running)]
    [InlineData(AttemptOutcome.Success)]
    [InlineData(AttemptOutcome.Lost)]
    public async Task Only_an_interruption_or_a_farm_fault_puts_a_task_back(AttemptOutcome outcome)
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());

        await FluentActions
            .Awaiting(() => Registry.RequeueAsync(claim.Lease, outcome, "", null, Cancel))
            .Should()
            .ThrowAsync<ArgumentException>();
        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.Building);
    }

    public static TheoryData<string, int> OtherHands =>
        new()
        {
            { "b2", 0 },
            { "b1", 1 },
            { "b1", -1 },
        };

    /// <summary>A claim that a crashed database has forgotten, whose number was given again: to another builder, or to another process of the same.</summary>
    [Theory]
    [MemberData(nameof(OtherHands))]
    public async Task The_same_number_in_other_hands_changes_nothing(string builder, int session)
    {
        await RegisterAsync("hello");
        await BuilderAsync("b2");
        var claim = await ClaimAsync(await BuilderAsync("b1"));
        var other = claim.Lease with { Builder = builder, Session = claim.Lease.Session + session };

        (await Registry.HeartbeatAsync(other, Cancel)).Should().Be(LeaseAnswer.Lost);
        (await Registry.FinishTaskAsync(other, Succeeded, Cancel)).Should().BeFalse();
        (await Registry.RequeueAsync(other, AttemptOutcome.Interrupted, "", null, Cancel))
            .Should()
            .Be(RequeueOutcome.Refused);
        (await Registry.RefuseTaskAsync(other, "", Cancel)).Should().BeFalse();
        (await Registry.FindHeldTaskAsync(other, Cancel)).Should().BeNull();
        (await Registry.FindGivenTaskAsync(other, Cancel)).Should().BeNull();
        (await Registry.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
        (await Registry.FinishTaskAsync(claim.Lease, Succeeded, Cancel)).Should().BeTrue();
        (await Registry.FinishTaskAsync(claim.Lease, Succeeded, Cancel)).Should().BeTrue("its answer was lost");
        (await Registry.FinishTaskAsync(other, Succeeded, Cancel))
            .Should()
            .BeFalse("it was not this one that ended it");
        (await Registry.FindGivenTaskAsync(other, Cancel)).Should().BeNull();
    }

    private static TaskResult Succeeded { get; } = new(BuildTaskState.Success, null, null, null, [], null);

    [Fact]
    public async Task A_task_that_failed_by_the_farm_goes_to_another_builder_if_one_runs()
    {
        await RegisterAsync("hello");
        await RegisterAsync("world");
        var first = await BuilderAsync("b1");
        var second = await BuilderAsync("b2");
        var claim = await ClaimAsync(first);
        await Registry.RequeueAsync(claim.Lease, AttemptOutcome.FarmFault, "no disk", null, Cancel);

        (await ClaimAsync(first)).Job.Should().Be(JobId.Parse("world"));
        (await ClaimAsync(second)).Job.Should().Be(JobId.Parse("hello"));
    }

    [Fact]
    public async Task A_task_that_failed_by_the_farm_does_not_wait_for_another_builder_for_ever()
    {
        await RegisterAsync("hello");
        var first = await BuilderAsync("b1");
        await BuilderAsync("b2");
        await Registry.RequeueAsync((await ClaimAsync(first)).Lease, AttemptOutcome.FarmFault, "no disk", null, Cancel);
        (await Registry.ClaimNextTaskAsync(first, Cancel)).Should().BeNull();

        await ExecuteAsync($"UPDATE attempt SET ended = {Ago(91)}");

        (await ClaimAsync(first)).Attempt.Should().Be(2);
    }

    [Fact]
    public async Task A_lease_was_accepted_when_its_task_succeeded_under_it_and_stays_so()
    {
        await RegisterAsync("hello");
        var builder = await BuilderAsync();
        var lost = await ClaimAsync(builder);
        await Registry.RequeueAsync(lost.Lease, AttemptOutcome.FarmFault, "no disk", null, Cancel);
        var claim = await ClaimAsync(builder);
        (await Registry.WasAcceptedAsync(claim.Lease.Attempt, Cancel)).Should().BeFalse("it is being built");
        await FinishAsync(claim, BuildTaskState.Success);

        (await Registry.WasAcceptedAsync(claim.Lease.Attempt, Cancel)).Should().BeTrue();
        (await Registry.WasAcceptedAsync(lost.Lease.Attempt, Cancel)).Should().BeFalse();
        await Registry.RetryAsync(claim.Job, null, all: true, Cancel);
        (await Registry.WasAcceptedAsync(claim.Lease.Attempt, Cancel)).Should().BeTrue("it was, whatever comes now");
    }

    [Fact]
    public async Task What_is_done_beside_the_end_is_done_before_anybody_sees_it_and_only_under_the_lease()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        await using var other = Registries.Open(Options);
        var seen = new List<BuildTaskState>();
        void Look() => seen.Add(other.FindJobAsync(claim.Job, Cancel).GetAwaiter().GetResult()!.Tasks[0].State);

        (await Registry.FinishTaskAsync(claim.Lease with { Number = 9 }, Result(BuildTaskState.Success), Look, Cancel))
            .Should()
            .BeFalse();
        seen.Should().BeEmpty();
        (await Registry.FinishTaskAsync(claim.Lease, Result(BuildTaskState.Success), Look, Cancel)).Should().BeTrue();

        seen.Should().Equal(BuildTaskState.Building);
        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.Success);
    }
}
