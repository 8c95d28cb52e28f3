using System.Collections.Concurrent;
using PkgForge.Platforms;
using PkgForge.Registry;

namespace PkgForge.Web.Pages;

/// <summary>The farm's pulse: what waits, and what ended in each of the last 24 hours.</summary>
/// <param name="Waiting">How many tasks could be claimed, by platform.</param>
/// <param name="Hours">Hours and what ended in them, oldest first; the last is not over.</param>
public sealed record PulseView(
    IReadOnlyList<(PlatformKey Platform, int Tasks)> Waiting,
    IReadOnlyList<(DateTimeOffset Start, EndCounts Ends)> Hours
)
{
    /// <summary>The longest queue.</summary>
    public int Longest => Waiting.Max(queue => queue.Tasks);

    /// <summary>What ended, as a plot.</summary>
    public Plot Throughput =>
        new(
            "throughput",
            "Builds that ended in the last 24 hours, by hour (UTC)",
            "Hour (UTC)",
            Plot.Ends,
            [
                .. Hours.Select(hour => new PlotBar(
                    Show.Hour(hour.Start),
                    Show.Stamp(hour.Start),
                    Show.Values(hour.Ends)
                )),
            ]
        );
}

/// <summary>Takes the pulse. Hours that are over do not change: they are counted once, and each look costs an hour or two.</summary>
internal sealed class FarmPulse(IRegistry registry, TimeProvider time)
{
    private const int HoursShown = 24;

    /// <summary>An end is committed a moment after the time that it bears, and clocks of two machines differ.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<DateTimeOffset, EndCounts> over = new();

    public async Task<PulseView> TakeAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var last = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero);
        var hours = new List<(DateTimeOffset, EndCounts)>();
        for (var start = last.AddHours(1 - HoursShown); start <= last; start = start.AddHours(1))
            hours.Add((start, await CountAsync(start, now, cancel)));
        foreach (var old in over.Keys.Where(start => start < last.AddHours(-HoursShown)))
            over.TryRemove(old, out _);
        return new(await WaitingAsync(cancel), hours);
    }

    private async Task<EndCounts> CountAsync(DateTimeOffset start, DateTimeOffset now, CancellationToken cancel)
    {
        if (over.TryGetValue(start, out var known))
            return known;
        var ends = await registry.CountEndsAsync(start, start.AddHours(1), cancel);
        if (start.AddHours(1) + Settled < now)
            over[start] = ends;
        return ends;
    }

    private async Task<IReadOnlyList<(PlatformKey, int)>> WaitingAsync(CancellationToken cancel)
    {
        var waiting = await registry.CountWaitingAsync(cancel);
        return
        [
            .. from platform in await registry.ListPlatformsAsync(cancel)
            let tasks = waiting.GetValueOrDefault(platform.Key)
            where platform.Active || tasks > 0
            select (platform.Key, tasks),
        ];
    }
}
