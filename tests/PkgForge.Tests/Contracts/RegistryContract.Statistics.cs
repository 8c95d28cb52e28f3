using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class RegistryContract
{
    private Task<FarmStatistics> StatisticsAsync(StatisticsWindow window = StatisticsWindow.Day) =>
        Registry.ReadStatisticsAsync(window, Cancel);

    private async Task FailAsync(BuilderSession builder, string source = "hello_2.10-3.dsc") =>
        await Registry.FinishTaskAsync(
            (await ClaimAsync(builder)).Lease,
            Result(BuildTaskState.Fail) with
            {
                FailedSource = source,
            },
            Cancel
        );

    [Fact]
    public async Task A_farm_that_has_done_nothing_has_statistics()
    {
        foreach (var window in Enum.GetValues<StatisticsWindow>())
        {
            var statistics = await StatisticsAsync(window);
            statistics
                .Periods.Should()
                .HaveCount(
                    window switch
                    {
                        StatisticsWindow.Day => 24,
                        StatisticsWindow.Week => 7,
                        _ => 30,
                    }
                );
            statistics.Periods.Should().OnlyContain(period => period.Ends.All == 0);
            (statistics.Platforms.Count + statistics.Slowest.Count + statistics.Failing.Count + statistics.Flaky.Count)
                .Should()
                .Be(0);
        }
        (await Registry.CountWaitingAsync(Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task Ends_are_summed_up_by_platform_with_what_they_waited_and_took()
    {
        var builder = await BuilderAsync();
        var other = await BuilderAsync("b2", Fedora);
        for (var i = 1; i <= 4; i++)
            await RegisterAsync($"job-{i}", Bookworm, Fedora);
        foreach (
            var state in new[]
            {
                BuildTaskState.Success,
                BuildTaskState.Success,
                BuildTaskState.Fail,
                BuildTaskState.Cancelled,
            }
        )
            await FinishAsync(await ClaimAsync(builder), state);
        var claim = await ClaimAsync(other);
        await Registry.RequeueAsync(claim.Lease, AttemptOutcome.FarmFault, "no disk", null, Cancel);
        await ExecuteAsync(
            $"UPDATE job SET registered = {Ago(4000)}; UPDATE attempt SET started = {Ago(400)}, ended = {Ago(100)}"
        );

        var statistics = await StatisticsAsync();

        statistics
            .Platforms.Select(sums => (sums.Platform, sums.Ends))
            .Should()
            .Equal((Bookworm, new(2, 1, 1, 0)), (Fedora, new(0, 0, 0, 1)));
        var sums = statistics.Platforms[0];
        sums.Ends.SuccessRate.Should().BeApproximately(2.0 / 3, 0.001);
        (sums.Queue.Count, sums.Build.Count).Should().Be((4, 2));
        sums.Queue.Quantile(0.5)!.Value.TotalSeconds.Should().BeInRange(3600 * 0.94, 3600 * 1.06);
        sums.Build.Quantile(0.95)!.Value.TotalSeconds.Should().BeInRange(300 * 0.94, 300 * 1.06);
        statistics.Periods.Sum(period => period.Ends.All).Should().Be(5);
        var now = TimeProvider.System.GetUtcNow();
        (await Registry.CountEndsAsync(now.AddMinutes(-10), now, Cancel)).Should().Be(new EndCounts(2, 1, 1, 1));
        (await Registry.CountEndsAsync(now.AddMinutes(-1), now, Cancel)).Should().Be(EndCounts.None);
        (await Registry.CountWaitingAsync(Cancel)).Should().Equal(new Dictionary<PlatformKey, int> { [Fedora] = 4 });
    }

    [Fact]
    public async Task Sums_of_days_that_are_over_are_kept()
    {
        var builder = await BuilderAsync();
        await RegisterAsync("old");
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);
        await ExecuteAsync($"UPDATE attempt SET started = {Ago(3 * 86400 + 60)}, ended = {Ago(3 * 86400)}");
        (await StatisticsAsync(StatisticsWindow.Week)).Platforms.Single().Ends.Success.Should().Be(1);

        // Were it read again, it would have been gone from that day.
        await ExecuteAsync($"UPDATE attempt SET ended = {Ago(0)}");
        var week = await StatisticsAsync(StatisticsWindow.Week);
        var month = await StatisticsAsync(StatisticsWindow.Month);

        week.Periods.Count(period => period.Ends.Success == 1).Should().Be(2, "of that day, and of today");
        week.Platforms.Single().Build.Quantile(0.5)!.Value.TotalSeconds.Should().BeGreaterThan(50);
        month.Platforms.Single().Ends.Success.Should().Be(2);
        (await StatisticsAsync(StatisticsWindow.Day)).Platforms.Single().Ends.Success.Should().Be(1);
    }

    [Fact]
    public async Task Sources_that_fail_are_named_and_those_that_later_succeed_unchanged_are_flaky()
    {
        var builder = await BuilderAsync();
        // Fails, and is tried again.
        await RegisterOfAsync("again", "again_1.dsc");
        await FailAsync(builder, "again_1.dsc");
        await RetryJobAsync("again");
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);
        // Fails twice, and is submitted once more as it is.
        foreach (var id in new[] { "same-1", "same-2", "same-3" })
            await RegisterOfAsync(id, "same-2-1.src.rpm", "innocent_1.dsc");
        await FailAsync(builder, "same-2-1.src.rpm");
        await FailAsync(builder, "same-2-1.src.rpm");
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);
        // Fails, and is mended.
        await RegisterOfAsync("bad", "mended_1.dsc");
        await FailAsync(builder, "mended_1.dsc");
        await RegisterOfAsync("good", "mended_2.dsc");
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);
        // Without a version nobody knows whether it is the same.
        await RegisterOfAsync("unknown-1", "unknown.dummy");
        await FailAsync(builder, "unknown.dummy");
        await RegisterOfAsync("unknown-2", "unknown.dummy");
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);

        var statistics = await StatisticsAsync(StatisticsWindow.Week);

        statistics
            .Failing.Select(source => (source.Name, source.Failures))
            .Should()
            .BeEquivalentTo([("same", 2), ("again", 1), ("mended", 1), ("unknown", 1)]);
        statistics.Failing[0].Last.Should().Be(new Publisher(JobId.Parse("same-2"), Bookworm, 1));
        statistics
            .Flaky.Select(source => (source.Name, source.Version, source.Failures))
            .Should()
            .Equal(("same", "2-1", 2), ("again", "1", 1));
        statistics.Flaky[1].Last.Should().Be(new Publisher(JobId.Parse("again"), Bookworm, 1));
    }

    [Fact]
    public async Task The_slowest_sources_are_those_that_took_longest_before()
    {
        var builder = await BuilderAsync();
        await RegisterAsync("one");
        var durations = Enumerable.Range(1, 12).ToDictionary(i => $"source-{i}", i => TimeSpan.FromSeconds(i));
        await Registry.FinishTaskAsync(
            (await ClaimAsync(builder)).Lease,
            Result(BuildTaskState.Success) with
            {
                Durations = durations,
            },
            Cancel
        );

        var slowest = (await StatisticsAsync()).Slowest;

        slowest.Should().HaveCount(10);
        slowest[0].Should().Be(new SlowSource("source-12", Bookworm, TimeSpan.FromSeconds(12)));
    }
}
