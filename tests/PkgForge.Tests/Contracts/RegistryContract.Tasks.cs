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
}
