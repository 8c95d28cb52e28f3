using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class RegistryContract
{
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
}
