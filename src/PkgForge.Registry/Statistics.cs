using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry;

/// <summary>How far back statistics look.</summary>
public enum StatisticsWindow
{
    /// <summary>24 hours, hour by hour.</summary>
    Day,

    /// <summary>Seven days, day by day (UTC), today included.</summary>
    Week,

    /// <summary>Thirty days, day by day (UTC), today included.</summary>
    Month,
}

/// <summary>What the farm has done in a window.</summary>
/// <param name="Window">The window.</param>
/// <param name="Periods">Its hours or days, oldest first, also those in which nothing ended.</param>
/// <param name="Slowest">The sources whose builds take longest, by a mean in which the last build weighs a third; of all times.</param>
/// <param name="Failing">The sources that failed most.</param>
/// <param name="Flaky">Sources that failed, and later succeeded on the same platform in the same version; the latest first.</param>
public sealed record FarmStatistics(
    StatisticsWindow Window,
    IReadOnlyList<PeriodSums> Periods,
    IReadOnlyList<SlowSource> Slowest,
    IReadOnlyList<FailingSource> Failing,
    IReadOnlyList<FlakySource> Flaky
)
{
    /// <summary>What failed is looked for among so many failures of the window, the last ones.</summary>
    public const int MostFailures = 1000;

    /// <summary>Sums of the whole window, by platform.</summary>
    public IReadOnlyList<PlatformSums> Platforms { get; } =
    [
        .. Periods
            .SelectMany(period => period.Platforms)
            .GroupBy(sums => sums.Platform)
            .Select(sums => PlatformSums.Of(sums.Key, sums))
            .OrderBy(sums => sums.Platform.ToString(), StringComparer.OrdinalIgnoreCase),
    ];
}

/// <summary>What ended in an hour or a day.</summary>
/// <param name="Start">When it began.</param>
/// <param name="Platforms">Platforms on which something ended.</param>
public sealed record PeriodSums(DateTimeOffset Start, IReadOnlyList<PlatformSums> Platforms)
{
    /// <summary>Attempts that came to this.</summary>
    public EndCounts Ends =>
        new(
            Platforms.Sum(sums => sums.Ends.Success),
            Platforms.Sum(sums => sums.Ends.Fail),
            Platforms.Sum(sums => sums.Ends.Cancelled),
            Platforms.Sum(sums => sums.Ends.Faults)
        );
}

/// <summary>How many attempts came to what.</summary>
/// <param name="Success">All was built.</param>
/// <param name="Fail">The package failed.</param>
/// <param name="Cancelled">The user asked.</param>
/// <param name="Faults">The farm failed, or the builder was stopped or lost: the task went back.</param>
public sealed record EndCounts(long Success, long Fail, long Cancelled, long Faults)
{
    /// <summary>Nothing ended.</summary>
    public static EndCounts None { get; } = new(0, 0, 0, 0);

    /// <summary>All of them.</summary>
    public long All => Success + Fail + Cancelled + Faults;

    /// <summary>The part of the builds that came to an end of their own and succeeded; null when none did.</summary>
    public double? SuccessRate => Success + Fail == 0 ? null : (double)Success / (Success + Fail);

    /// <summary>With so many more.</summary>
    public EndCounts With(AttemptOutcome outcome, long more = 1) =>
        outcome switch
        {
            AttemptOutcome.Success => this with { Success = Success + more },
            AttemptOutcome.Fail => this with { Fail = Fail + more },
            AttemptOutcome.Cancelled => this with { Cancelled = Cancelled + more },
            _ => this with { Faults = Faults + more },
        };
}

/// <summary>What ended on a platform.</summary>
/// <param name="Platform">The platform.</param>
/// <param name="Ends">What it came to.</param>
/// <param name="Queue">From a job's registration to the first claim of its task.</param>
/// <param name="Build">What attempts took that succeeded.</param>
public sealed record PlatformSums(PlatformKey Platform, EndCounts Ends, TimeHistogram Queue, TimeHistogram Build)
{
    /// <summary>The sum of several of one platform.</summary>
    public static PlatformSums Of(PlatformKey platform, IEnumerable<PlatformSums> parts)
    {
        var sum = new PlatformSums(platform, EndCounts.None, new(), new());
        foreach (var part in parts)
        {
            var (ends, more) = (sum.Ends, part.Ends);
            sum = sum with
            {
                Ends = new(
                    ends.Success + more.Success,
                    ends.Fail + more.Fail,
                    ends.Cancelled + more.Cancelled,
                    ends.Faults + more.Faults
                ),
            };
            sum.Queue.Add(part.Queue);
            sum.Build.Add(part.Build);
        }
        return sum;
    }
}

/// <summary>A source and how long its builds take on a platform.</summary>
public sealed record SlowSource(string Name, PlatformKey Platform, TimeSpan Time);

/// <summary>A source that failed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Failures">How often.</param>
/// <param name="Last">Its last failure.</param>
/// <param name="At">When that was.</param>
public sealed record FailingSource(string Name, int Failures, Publisher Last, DateTimeOffset At);

/// <summary>A source that failed, and later succeeded although nothing of it had changed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version; empty where the file's name says none.</param>
/// <param name="Failures">How often it failed on this platform in this version.</param>
/// <param name="Last">Its last failure.</param>
/// <param name="At">When that was.</param>
public sealed record FlakySource(string Name, string Version, int Failures, Publisher Last, DateTimeOffset At);
