using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.EndToEnd.Faults;

/// <summary>
/// Many runs, several at a time, each told by its seed. It goes on after a run that failed, and fails at the end with the seed and the story of each.
/// It counts what the runs say they did.
/// </summary>
/// <param name="kind">Its name: the word of its number of runs.</param>
/// <param name="settings">How much it does.</param>
internal sealed class Campaign(string kind, CampaignSettings settings)
{
    /// <summary>Where a summary is written, if anywhere: <c>./dev test --faults</c> prints it.</summary>
    private static readonly string? Report = Environment.GetEnvironmentVariable("PKGFORGE_FAULTS_REPORT");

    private readonly ConcurrentDictionary<string, int> counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, double> longest = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> points = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> failures = [];
    private int next = -1;
    private int done;

    /// <summary>Something has happened that the summary shall count.</summary>
    public void Count(string what, int times = 1) => counts.AddOrUpdate(what, times, (_, before) => before + times);

    /// <summary>A process has died, or stood still, at this point.</summary>
    public void Reached(string point) => points.TryAdd(point, true);

    /// <summary>Something took so long; the summary tells the longest.</summary>
    public void Took(string what, TimeSpan time) =>
        longest.AddOrUpdate(what, time.TotalSeconds, (_, before) => Math.Max(before, time.TotalSeconds));

    /// <summary>Points that a campaign with as many runs must have come to.</summary>
    public IReadOnlyList<string> Expected { get; init; } = [];

    public async Task RunAsync(Func<int, Task> run)
    {
        if (settings.Runs == 0)
            Assert.Skip($"this campaign has no {kind}");
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, settings.Workers).Select(_ => WorkAsync(run, started)));
        var summary = Summary(Stopwatch.GetElapsedTime(started));
        if (Report is { Length: > 0 } && CampaignSettings.IsCampaign)
            await File.AppendAllTextAsync(Report, $"{summary}\n{string.Join('\n', failures)}\n");
        TestContext.Current.TestOutputHelper?.WriteLine(summary);
        var missing = settings.Runs >= FaultPoints.All.Count && !Expected.All(points.ContainsKey);
        if (!failures.IsEmpty || done < settings.Runs || missing)
            Assert.Fail($"{summary}\n{string.Join("\n\n", failures)}");
    }

    private async Task WorkAsync(Func<int, Task> run, long started)
    {
        while (
            Stopwatch.GetElapsedTime(started) < settings.AtMost
            && Interlocked.Increment(ref next) is var i
            && i < settings.Runs
        )
        {
            var seed = settings.Seed + i;
            try
            {
                await run(seed);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Whatever it is: the other runs are to tell whether it is one seed's trouble.
                failures.Add(
                    $"FAILED {kind}, seed {seed}; repeat it by: ./dev test --faults --{kind} 1 --seed {seed}\n{e.Message}\n{Frames(e)}"
                );
            }
            Interlocked.Increment(ref done);
        }
    }

    /// <summary>The places in these tests that it came through.</summary>
    private static string Frames(Exception e) =>
        string.Join(
            '\n',
            (e.StackTrace ?? "").Split('\n').Where(line => line.Contains("PkgForge", StringComparison.Ordinal)).Take(5)
        );

    private string Summary(TimeSpan time) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{kind}: {done} of {settings.Runs} runs, {failures.Count} failed, {time.TotalSeconds:0} s, seeds from {settings.Seed}"
        )
        + (points.IsEmpty ? "" : $"\n  {points.Count, 6}  different fault points")
        + (
            settings.Runs < FaultPoints.All.Count || Expected.All(points.ContainsKey)
                ? ""
                : $"\n  never: {string.Join(' ', Expected.Where(p => !points.ContainsKey(p)))}"
        )
        + string.Concat(counts.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"\n  {p.Value, 6}  {p.Key}"))
        + string.Concat(
            longest
                .OrderBy(p => p.Key, StringComparer.Ordinal)
                .Select(p => string.Create(CultureInfo.InvariantCulture, $"\n  {p.Value, 6:0.0} s at most: {p.Key}"))
        );
}
