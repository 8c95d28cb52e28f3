using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class RegistryContract
{
    private Task<IReadOnlyList<PlatformKey>?> CancelJobAsync(string id) =>
        Registry.CancelAsync(JobId.Parse(id), null, Cancel);

    private Task<IReadOnlyList<PlatformKey>?> RetryJobAsync(string id) =>
        Registry.RetryAsync(JobId.Parse(id), null, false, Cancel);

    [Fact]
    public async Task A_waiting_task_is_cancelled_at_once()
    {
        await RegisterAsync("hello");

        (await CancelJobAsync("hello")).Should().Equal(Bookworm);

        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.Cancelled);
        (await JobStateAsync("hello")).Should().Be(JobState.Cancelled);
        (await Registry.ClaimNextTaskAsync(await BuilderAsync(), Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task A_building_task_is_cancelled_by_its_builder()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());

        (await CancelJobAsync("hello")).Should().Equal(Bookworm);

        var task = await TaskAsync("hello");
        task.State.Should().Be(BuildTaskState.Building);
        task.CancelRequested.Should().BeTrue();
        (await Registry.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Cancel);
        (await FinishAsync(claim, BuildTaskState.Cancelled)).Should().BeTrue();
        (await TaskAsync("hello")).Attempts.Single().Outcome.Should().Be(AttemptOutcome.Cancelled);
        (await JobStateAsync("hello")).Should().Be(JobState.Cancelled);
    }

    [Fact]
    public async Task A_task_that_has_ended_is_not_cancelled()
    {
        await RegisterAsync("hello");
        await FinishAsync(await ClaimAsync(await BuilderAsync()), BuildTaskState.Success);

        (await CancelJobAsync("hello")).Should().BeEmpty();
        (await JobStateAsync("hello")).Should().Be(JobState.Successful);
    }

    [Fact]
    public async Task A_success_stands_though_a_cancel_was_asked_for()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        await CancelJobAsync("hello");

        (await FinishAsync(claim, BuildTaskState.Success)).Should().BeTrue();
        (await JobStateAsync("hello")).Should().Be(JobState.Successful);
    }

    [Fact]
    public async Task Cancel_of_one_platform_leaves_the_others()
    {
        await RegisterAsync("hello", Bookworm, Fedora);

        (await Registry.CancelAsync(JobId.Parse("hello"), new("BOOKWORM", "AMD64"), Cancel)).Should().Equal(Bookworm);

        (await JobAsync("hello"))
            .Tasks.Select(task => task.State)
            .Should()
            .Equal(BuildTaskState.Cancelled, BuildTaskState.NeedsBuild);
        (await JobStateAsync("hello")).Should().Be(JobState.Registered);
    }

    [Fact]
    public async Task Cancel_and_retry_of_what_is_not_there_are_null()
    {
        await RegisterAsync("hello");

        (await CancelJobAsync("Hello")).Should().BeNull("ids are case-sensitive");
        (await RetryJobAsync("none")).Should().BeNull();
        (await Registry.CancelAsync(JobId.Parse("hello"), Fedora, Cancel)).Should().BeNull();
        (await Registry.RetryAsync(JobId.Parse("hello"), Fedora, false, Cancel)).Should().BeNull();
    }

    [Theory]
    [InlineData(AttemptOutcome.Interrupted)]
    [InlineData(AttemptOutcome.FarmFault)]
    public async Task A_task_put_back_after_a_cancel_was_asked_for_is_cancelled(AttemptOutcome outcome)
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        await CancelJobAsync("hello");

        (await Registry.RequeueAsync(claim.Lease, outcome, "stopped", null, Cancel))
            .Should()
            .Be(RequeueOutcome.Cancelled);

        var task = await TaskAsync("hello");
        task.State.Should().Be(BuildTaskState.Cancelled);
        task.Attempts.Single().Outcome.Should().Be(outcome);
        (await JobStateAsync("hello")).Should().Be(JobState.Cancelled);
    }

    [Fact]
    public async Task A_task_lost_after_a_cancel_was_asked_for_is_cancelled()
    {
        await RegisterAsync("hello");
        await ClaimAsync(await BuilderAsync());
        await CancelJobAsync("hello");
        await ExpireLeasesAsync();

        await Registry.ReleaseExpiredAsync(Cancel);

        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.Cancelled);
    }

    [Fact]
    public async Task A_retry_puts_failed_and_cancelled_tasks_back_and_keeps_the_successful()
    {
        await RegisterAsync("hello", Bookworm, Fedora);
        await FinishAsync(await ClaimAsync(await BuilderAsync()), BuildTaskState.Success);
        await FinishAsync(await ClaimAsync(await BuilderAsync("b2", Fedora)), BuildTaskState.Fail);
        (await JobStateAsync("hello")).Should().Be(JobState.PartiallyFailed);

        (await RetryJobAsync("hello")).Should().Equal(Fedora);

        var job = await JobAsync("hello");
        job.Tasks.Select(task => task.State).Should().Equal(BuildTaskState.Success, BuildTaskState.NeedsBuild);
        job.Job.State.Should().Be(JobState.Building);
        job.Job.Ended.Should().BeNull();
        job.Tasks[1].Attempts.Should().ContainSingle();
        (await RetryJobAsync("hello")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_retry_of_all_makes_a_job_registered_and_counts_faults_anew()
    {
        await RegisterAsync("hello");
        foreach (var name in new[] { "b1", "b2", "b3" })
            await Registry.RequeueAsync(
                (await ClaimAsync(await BuilderAsync(name))).Lease,
                AttemptOutcome.FarmFault,
                "no disk",
                null,
                Cancel
            );

        (await RetryJobAsync("hello")).Should().Equal(Bookworm);

        (await JobStateAsync("hello")).Should().Be(JobState.Registered);
        var claim = await ClaimAsync(await BuilderAsync("b4"));
        claim.Attempt.Should().Be(4);
        (await Registry.RequeueAsync(claim.Lease, AttemptOutcome.FarmFault, "no disk", null, Cancel))
            .Should()
            .Be(RequeueOutcome.PutBack);
    }

    [Theory]
    [InlineData(BuildTaskState.Success, BuildTaskState.Success, JobState.Successful)]
    [InlineData(BuildTaskState.Success, BuildTaskState.Fail, JobState.PartiallyFailed)]
    [InlineData(BuildTaskState.Fail, BuildTaskState.Fail, JobState.Failed)]
    [InlineData(BuildTaskState.Success, BuildTaskState.Cancelled, JobState.Successful)]
    [InlineData(BuildTaskState.Fail, BuildTaskState.Cancelled, JobState.Failed)]
    [InlineData(BuildTaskState.Cancelled, BuildTaskState.Cancelled, JobState.Cancelled)]
    public async Task The_jobs_state_follows_from_its_tasks(BuildTaskState one, BuildTaskState other, JobState expected)
    {
        await RegisterAsync("hello", Bookworm, Fedora);
        var first = await ClaimAsync(await BuilderAsync("b1"));
        var second = await ClaimAsync(await BuilderAsync("b2", Fedora));

        await FinishAsync(first, one);
        (await JobStateAsync("hello")).Should().Be(JobState.Building);
        (await JobAsync("hello")).Job.Ended.Should().BeNull();
        await FinishAsync(second, other);

        (await JobStateAsync("hello")).Should().Be(expected);
        (await JobAsync("hello")).Job.Ended.Should().NotBeNull();
    }

    [Fact]
    public async Task Two_tasks_of_a_job_that_end_at_once_end_the_job()
    {
        var one = await BuilderAsync("b1");
        var other = await BuilderAsync("b2", Fedora);
        await using var second = Registries.Open(Options);
        for (var i = 0; i < 20; i++)
        {
            await RegisterAsync($"job-{i}", Bookworm, Fedora);
            var first = await ClaimAsync(one);
            var last = await ClaimAsync(other);
            await Task.WhenAll(
                Task.Run(() => FinishAsync(first, BuildTaskState.Success)),
                Task.Run(() => second.FinishTaskAsync(last.Lease, Result(BuildTaskState.Fail), Cancel))
            );
            (await JobStateAsync($"job-{i}")).Should().Be(JobState.PartiallyFailed);
        }
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
