using PkgForge.Platforms;

namespace PkgForge.Registry.Views;

/// <summary>What the farm has done in a window.</summary>
/// <param name="Window"><c>day</c>, <c>week</c> or <c>month</c>.</param>
/// <param name="Periods">Its hours or days, oldest first.</param>
/// <param name="Platforms">Sums of the window, by platform.</param>
/// <param name="Slowest">Sources whose builds take longest.</param>
/// <param name="Failing">Sources that failed most.</param>
/// <param name="Flaky">Sources that failed, and later succeeded unchanged.</param>
/// <param name="Waiting">How many tasks could be claimed now, by platform.</param>
public sealed record StatisticsJson(
    string Window,
    PeriodJson[] Periods,
    PlatformSumsJson[] Platforms,
    SlowSourceJson[] Slowest,
    FailingSourceJson[] Failing,
    FailingSourceJson[] Flaky,
    WaitingTasksJson[] Waiting
)
{
    /// <summary>Statistics.</summary>
    public static StatisticsJson Of(FarmStatistics statistics, IReadOnlyDictionary<PlatformKey, int> waiting) =>
        new(
            Words.Of(statistics.Window),
            [.. statistics.Periods.Select(PeriodJson.Of)],
            [.. statistics.Platforms.Select(PlatformSumsJson.Of)],
            [
                .. statistics.Slowest.Select(source => new SlowSourceJson(
                    source.Name,
                    source.Platform.ToString(),
                    source.Time.TotalSeconds
                )),
            ],
            [
                .. statistics.Failing.Select(source =>
                    FailingSourceJson.Of(source.Name, null, source.Failures, source.Last, source.At)
                ),
            ],
            [
                .. statistics.Flaky.Select(source =>
                    FailingSourceJson.Of(source.Name, source.Version, source.Failures, source.Last, source.At)
                ),
            ],
            [.. waiting.Select(queue => new WaitingTasksJson(queue.Key.ToString(), queue.Value))]
        );
}

/// <summary>What ended in an hour or a day.</summary>
/// <param name="Start">When it began.</param>
/// <param name="Success">Attempts that built everything.</param>
/// <param name="Fail">Attempts in which the package failed.</param>
/// <param name="Cancelled">Attempts that the user stopped.</param>
/// <param name="Faults">Attempts that the farm failed, interrupted or lost.</param>
public sealed record PeriodJson(DateTimeOffset Start, long Success, long Fail, long Cancelled, long Faults)
{
    /// <summary>A period.</summary>
    public static PeriodJson Of(PeriodSums period) =>
        new(period.Start, period.Ends.Success, period.Ends.Fail, period.Ends.Cancelled, period.Ends.Faults);
}

/// <summary>What ended on a platform. Medians and percentiles are right to a twentieth.</summary>
/// <param name="Platform">The platform.</param>
/// <param name="Success">Attempts that built everything.</param>
/// <param name="Fail">Attempts in which the package failed.</param>
/// <param name="Cancelled">Attempts that the user stopped.</param>
/// <param name="Faults">Attempts that the farm failed, interrupted or lost.</param>
/// <param name="SuccessRate">Of those that succeeded or failed, the part that succeeded; null when there are none.</param>
/// <param name="QueueMedianSeconds">From a job's registration to the first claim of its task.</param>
/// <param name="QueueP95Seconds">The same, at the 95th percentile.</param>
/// <param name="BuildMedianSeconds">What attempts took that succeeded.</param>
/// <param name="BuildP95Seconds">The same, at the 95th percentile.</param>
public sealed record PlatformSumsJson(
    string Platform,
    long Success,
    long Fail,
    long Cancelled,
    long Faults,
    double? SuccessRate,
    double? QueueMedianSeconds,
    double? QueueP95Seconds,
    double? BuildMedianSeconds,
    double? BuildP95Seconds
)
{
    /// <summary>A platform's sums.</summary>
    public static PlatformSumsJson Of(PlatformSums sums) =>
        new(
            sums.Platform.ToString(),
            sums.Ends.Success,
            sums.Ends.Fail,
            sums.Ends.Cancelled,
            sums.Ends.Faults,
            sums.Ends.SuccessRate,
            sums.Queue.Quantile(0.5)?.TotalSeconds,
            sums.Queue.Quantile(0.95)?.TotalSeconds,
            sums.Build.Quantile(0.5)?.TotalSeconds,
            sums.Build.Quantile(0.95)?.TotalSeconds
        );
}

/// <summary>A source and how long its builds take on a platform.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Seconds">A mean in which the last build weighs a third.</param>
public sealed record SlowSourceJson(string Name, string Platform, double Seconds);

/// <summary>A source that failed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version, where it is told apart.</param>
/// <param name="Failures">How often.</param>
/// <param name="Job">Its last failure: the job,</param>
/// <param name="Platform">the platform,</param>
/// <param name="Attempt">the attempt,</param>
/// <param name="At">and when.</param>
public sealed record FailingSourceJson(
    string Name,
    string? Version,
    int Failures,
    string Job,
    string Platform,
    int Attempt,
    DateTimeOffset At
)
{
    /// <summary>A source.</summary>
    public static FailingSourceJson Of(string name, string? version, int failures, Publisher last, DateTimeOffset at) =>
        new(name, version, failures, last.Job.ToString(), last.Platform.ToString(), last.Attempt, at);
}

/// <summary>Tasks that could be claimed.</summary>
/// <param name="Platform">The platform.</param>
/// <param name="Tasks">How many.</param>
public sealed record WaitingTasksJson(string Platform, int Tasks);
