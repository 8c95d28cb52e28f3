using AwesomeAssertions;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class BuilderFarmContract
{
    [Fact]
    public async Task A_heartbeat_renews_the_lease_and_says_whether_to_go_on()
    {
        var (builder, task) = await HoldAsync();
        await Site.ExecuteAsync("UPDATE task SET lease_expires = lease_expires - 20000");
        var before = await Site.NumberAsync("SELECT lease_expires FROM task");

        (await builder.Farm.HeartbeatAsync(task, Cancel)).Should().Be(LeaseAnswer.Continue);
        (await Site.NumberAsync("SELECT lease_expires FROM task")).Should().BeGreaterThan(before + 15_000);
        await Site.CancelAsync("job-1");
        (await builder.Farm.HeartbeatAsync(task, Cancel)).Should().Be(LeaseAnswer.Cancel);
    }

    [Fact]
    public async Task The_heartbeat_of_a_task_that_is_anothers_or_nobodys_is_lost()
    {
        var (builder, task) = await HoldAsync();
        var others = await LoseAsync();
        (await builder.Farm.HeartbeatAsync(task, Cancel)).Should().Be(LeaseAnswer.Lost);

        var farm = await FarmAsync("b2");
        (await farm.FinishAsync(others, Fail, Cancel)).State.Should().Be(BuildTaskState.Fail);
        (await farm.HeartbeatAsync(others, Cancel)).Should().Be(LeaseAnswer.Lost);
    }

    [Fact]
    public async Task A_request_ends_the_wait_for_one()
    {
        var (builder, task) = await HoldAsync();
        await WaitForRequestAsync(builder, task, TimeSpan.FromMilliseconds(1));
        var wait = WaitForRequestAsync(builder, task, Hour);
        wait.IsCompleted.Should().BeFalse();

        await Site.CancelAsync("job-1");

        await wait;
        (await builder.Farm.HeartbeatAsync(task, Cancel)).Should().Be(LeaseAnswer.Cancel);
    }

    [Fact]
    public async Task What_is_asked_between_two_waits_ends_the_next()
    {
        var (builder, task) = await HoldAsync();
        await WaitForRequestAsync(builder, task, TimeSpan.FromMilliseconds(1));

        await Site.CancelAsync("job-1");

        await WaitForRequestAsync(builder, task, Hour);
    }

    private static Task WaitForRequestAsync(Builder builder, ClaimedTask task, TimeSpan atMost) =>
        builder.Farm.WaitForRequestAsync(task, atMost, Cancel).WaitAsync(Long, Cancel);
}
