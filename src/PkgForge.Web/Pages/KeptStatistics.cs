using System.Collections.Concurrent;
using PkgForge.Registry;

namespace PkgForge.Web.Pages;

/// <summary>Statistics, worked out at most once a minute for each window, however many people look.</summary>
internal sealed class KeptStatistics(IRegistry registry, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<StatisticsWindow, (DateTimeOffset At, FarmStatistics Statistics)> known =
        new();
    private readonly SemaphoreSlim working = new(1);

    public async Task<FarmStatistics> ReadAsync(StatisticsWindow window, CancellationToken cancel)
    {
        if (Known(window) is { } fresh)
            return fresh;
        await working.WaitAsync(cancel);
        try
        {
            if (Known(window) is { } meanwhile)
                return meanwhile;
            var statistics = await registry.ReadStatisticsAsync(window, cancel);
            known[window] = (time.GetUtcNow(), statistics);
            return statistics;
        }
        finally
        {
            working.Release();
        }
    }

    public void Dispose() => working.Dispose();

    private FarmStatistics? Known(StatisticsWindow window) =>
        known.TryGetValue(window, out var kept) && time.GetUtcNow() - kept.At < Kept ? kept.Statistics : null;
}
