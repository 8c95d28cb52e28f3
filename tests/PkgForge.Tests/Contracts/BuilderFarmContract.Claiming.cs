using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class BuilderFarmContract
{
    [Fact]
    public async Task A_registered_task_is_claimed_by_one_builder()
    {
        var (first, second) = (await AttachAsync(), await AttachAsync("b2"));
        (await first.Farm.ClaimAsync(first.Session, Cancel)).Should().BeNull();
        await Site.RegisterAsync("job-1");

        var task = await first.ClaimAsync();

        task.Should()
            .BeEquivalentTo(
                new
                {
                    Job = JobId.Parse("job-1"),
                    Platform = FarmUnderTest.Dummy,
                    Attempt = 1,
                    Builder = "b1",
                }
            );
        (await second.Farm.ClaimAsync(second.Session, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task Who_asks_again_gets_the_task_that_he_has()
    {
        var (builder, task) = await HoldAsync();
        await Site.RegisterAsync("job-2");

        (await builder.ClaimAsync()).Should().Be(task);
    }

    [Fact]
    public async Task The_task_of_a_builder_that_is_not_heard_of_any_more_is_the_next_ones()
    {
        await HoldAsync();

        var task = await LoseAsync();

        task.Should().BeEquivalentTo(new { Builder = "b2", Attempt = 2 });
        (await Site.TaskAsync("job-1")).Attempts[0].Outcome.Should().Be(AttemptOutcome.Lost);
    }

    [Fact]
    public async Task A_registration_ends_the_wait()
    {
        var builder = await AttachAsync();
        (await builder.Farm.ClaimAsync(builder.Session, Cancel)).Should().BeNull();
        var wait = builder.WaitAsync();
        wait.IsCompleted.Should().BeFalse();

        await Site.RegisterAsync("job-1");

        (await wait).Should().BeTrue();
        await builder.ClaimAsync();
    }

    [Fact]
    public async Task What_is_registered_between_the_claim_and_the_wait_is_not_missed()
    {
        var builder = await AttachAsync();
        (await builder.Farm.ClaimAsync(builder.Session, Cancel)).Should().BeNull();
        await Site.RegisterAsync("job-1");

        (await builder.WaitAsync()).Should().BeTrue();
        await builder.ClaimAsync();
    }

    [Fact]
    public async Task A_task_that_is_put_back_ends_the_wait_of_another()
    {
        var (first, task) = await HoldAsync();
        var second = await AttachAsync("b2");
        (await second.Farm.ClaimAsync(second.Session, Cancel)).Should().BeNull();
        var wait = second.WaitAsync();

        await first.Farm.PutBackAsync(task, AttemptOutcome.Interrupted, "stopped", Cancel);

        (await wait).Should().BeTrue();
        (await second.ClaimAsync()).Job.Should().Be(task.Job);
    }

    [Fact]
    public async Task A_wait_ends_with_its_time_and_the_next_one_is_woken_still()
    {
        var builder = await AttachAsync();
        (await builder.Farm.ClaimAsync(builder.Session, Cancel)).Should().BeNull();
        (await builder.Farm.WaitAsync(builder.Session, TimeSpan.FromMilliseconds(20), Cancel)).Should().BeFalse();

        var wait = builder.WaitAsync();
        await Site.RegisterAsync("job-1");

        (await wait).Should().BeTrue();
    }

    [Fact]
    public async Task A_wait_can_be_given_up_and_begun_again()
    {
        var builder = await AttachAsync();
        (await builder.Farm.ClaimAsync(builder.Session, Cancel)).Should().BeNull();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var wait = builder.Farm.WaitAsync(builder.Session, Hour, stop.Token);
        await stop.CancelAsync();
        await FluentActions.Awaiting(() => wait).Should().ThrowAsync<OperationCanceledException>();

        wait = builder.WaitAsync();
        await Site.RegisterAsync("job-1");

        (await wait).Should().BeTrue();
    }
}
