using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Server.Handlers;
using Xunit;

namespace PkgForge.Tests.Handlers;

/// <summary>Jobs that are to wait for other jobs, as incoming meets them.</summary>
public sealed class IncomingAfterTests : IAsyncLifetime
{
    private static readonly TimeSpan LongTime = TimeSpan.FromHours(1);

    private IncomingFarm farm = null!;

    public async ValueTask InitializeAsync() => farm = await IncomingFarm.CreateAsync();

    public ValueTask DisposeAsync() => farm.DisposeAsync();

    private async Task<string> ReasonAsync(string id)
    {
        var job = await farm.JobAsync(id);
        job.Should().NotBeNull();
        job!.State.Should().Be(JobState.Invalid);
        return job.Reason!;
    }

    private async Task WaitsForOthersAsync(string id)
    {
        (await farm.JobAsync(id))!.State.Should().Be(JobState.Registered);
        var why = await farm.Registry.ExplainAsync(JobId.Parse(id), TestContext.Current.CancellationToken);
        why.Should().ContainSingle().Which.Reason.Should().Be(WaitReason.AfterOthers);
    }

    [Fact]
    public async Task A_chain_that_comes_at_once_is_registered_at_once()
    {
        farm.Submit("one");
        for (var i = 2; i <= 7; i++)
            farm.Submit($"job-{i}", i == 2 ? ["one"] : ["one", $"job-{i - 1}"]);
        await farm.RunAsync();

        for (var i = 2; i <= 7; i++)
            await WaitsForOthersAsync($"job-{i}");
    }

    [Fact]
    public async Task A_job_for_one_that_nobody_knows_is_rejected()
    {
        farm.Submit("there");
        farm.Submit("last", "there", "nobody");
        await farm.RunAsync();

        (await ReasonAsync("last")).Should().Contain("'nobody'").And.Contain("there is none");
        farm.Entries("incoming").Should().BeEmpty();
        farm.Entries("accepted").Should().Equal("there");
    }

    [Fact]
    public async Task A_job_for_one_that_was_rejected_is_rejected_with_that_ones_reason()
    {
        farm.Submit("bad", "nobody");
        farm.Submit("last", "bad");
        await farm.RunAsync();

        (await ReasonAsync("last")).Should().Contain("'bad', which was rejected").And.Contain("'nobody'");
    }

    [Fact]
    public async Task A_job_for_itself_is_rejected()
    {
        farm.Submit("one", "one");
        await farm.RunAsync();

        (await ReasonAsync("one")).Should().Contain("itself");
    }

    [Fact]
    public async Task A_job_that_came_before_the_one_it_waits_for_is_taken_after_it()
    {
        farm.Submit("last", "middle");
        farm.Submit("middle", "first");
        farm.Submit("first");
        await farm.RunAsync();

        await WaitsForOthersAsync("middle");
        await WaitsForOthersAsync("last");
    }

    [Fact]
    public async Task A_job_waits_in_incoming_for_one_that_is_not_complete()
    {
        farm.BeginToCopy("slow");
        farm.Submit("last", "middle");
        farm.Submit("middle", "slow");
        await farm.RunAsync();
        farm.Entries("incoming").Should().Equal("last", "middle", "slow");
        (await farm.JobsAsync()).Should().BeEmpty();

        farm.Wait(LongTime);
        await farm.RunAsync();

        (await ReasonAsync("slow")).Should().Contain("job.yml is missing");
        (await ReasonAsync("middle")).Should().Contain("'slow', which was rejected");
        (await ReasonAsync("last")).Should().Contain("'middle', which was rejected");
    }

    [Fact]
    public async Task Trouble_of_the_farm_with_one_job_does_not_reject_those_that_wait_for_it()
    {
        farm.Submit("one");
        farm.Submit("last", "one");
        await farm.SwitchOffWithAsync("one");
        farm.Wait(LongTime);
        await farm.RunAsync();
        farm.Entries("incoming").Should().Equal("last", "one");

        await farm.EndTroubleAsync();
        await farm.RunAsync();

        await WaitsForOthersAsync("last");
    }

    [Fact]
    public async Task Jobs_that_wait_for_each_other_are_rejected()
    {
        farm.Submit("a", "c");
        farm.Submit("b", "a");
        farm.Submit("c", "b");
        farm.Submit("other");
        await farm.RunAsync();

        (await ReasonAsync("a")).Should().Contain("'c', which waits for it");
        (await ReasonAsync("b")).Should().Contain("'a'");
        (await ReasonAsync("c")).Should().Contain("'b'");
        (await farm.JobAsync("other"))!.State.Should().Be(JobState.Registered);
        farm.Entries("incoming").Should().BeEmpty();
    }
}
