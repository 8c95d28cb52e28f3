using System.Globalization;
using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

/// <summary>
/// What the farm has done. Ends write nothing for it: attempts are never changed, so that a day which is over is summed up when it is first asked for, and
/// its sums are kept.
/// </summary>
internal abstract partial class SqlRegistry
{
    private const string MostListed = "10";
    private const int DaysOfWeek = 7;
    private const int DaysOfMonth = 30;

    /// <summary>An end is committed some time after the moment that it bears. Sums of a day are kept when nothing can come any more.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromHours(1);

    public async Task<FarmStatistics> ReadStatisticsAsync(StatisticsWindow window, CancellationToken cancel)
    {
        var (statistics, fresh) = await ReadAsync(sql => SumUpAsync(sql, window), cancel);
        foreach (var (day, sums) in fresh)
            await StatementAsync(
                sql =>
                    sql.ExecuteAsync(
                        "INSERT INTO day_sum (day, sums) VALUES (@day, @sums) ON CONFLICT (day) DO NOTHING",
                        ("day", day),
                        ("sums", sums)
                    ),
                cancel
            );
        return statistics;
    }

    public Task<EndCounts> CountEndsAsync(DateTimeOffset from, DateTimeOffset until, CancellationToken cancel) =>
        ReadAsync(
            async sql =>
                (
                    await sql.QueryAsync(
                        "SELECT outcome, count(*) FROM attempt WHERE ended >= @from AND ended < @until GROUP BY outcome",
                        row => (Outcome: (AttemptOutcome)row.Int(0), Count: row.Long(1)),
                        ("from", from),
                        ("until", until)
                    )
                ).Aggregate(EndCounts.None, (counts, row) => counts.With(row.Outcome, row.Count)),
            cancel
        );

    public Task<IReadOnlyDictionary<PlatformKey, int>> CountWaitingAsync(CancellationToken cancel) =>
        ReadAsync<IReadOnlyDictionary<PlatformKey, int>>(
            async sql =>
                (
                    await sql.QueryAsync(
                        $"""
                        SELECT platform.name, platform.architecture, waiting.tasks
                        FROM (SELECT lane.platform AS platform, count(*) AS tasks
                              FROM task JOIN lane ON lane.id = task.lane
                              WHERE task.state = {States.Waiting} AND task.blocked = 0
                              GROUP BY lane.platform) AS waiting
                        JOIN platform ON platform.id = waiting.platform
                        """,
                        row => (Platform: row.Key(0), Tasks: row.Int(2))
                    )
                ).ToDictionary(row => row.Platform, row => row.Tasks),
            cancel
        );

    private static async Task<(FarmStatistics Statistics, List<(string Day, string Sums)> Fresh)> SumUpAsync(
        Statements sql,
        StatisticsWindow window
    )
    {
        var now = (await sql.QueryAsync("SELECT $NOW", row => row.Time(0)))[0].ToUniversalTime();
        var fresh = new List<(string, string)>();
        var periods =
            window == StatisticsWindow.Day
                ? await HoursAsync(sql, now)
                : await DaysAsync(sql, now, window == StatisticsWindow.Week ? DaysOfWeek : DaysOfMonth, fresh);
        var failures = await FailuresAsync(sql, periods[0].Start);
        return (new(window, periods, await SlowestAsync(sql), Failing(failures), Flaky(failures)), fresh);
    }

    private static async Task<IReadOnlyList<PeriodSums>> HoursAsync(Statements sql, DateTimeOffset now)
    {
        var first = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerHour)).AddHours(-23);
        var hours = (await EndsAsync(sql, first, first.AddDays(1)))
            .GroupBy(end => (int)((end.Ended - first) / TimeSpan.FromHours(1)))
            .ToDictionary(hour => hour.Key, hour => Sum(hour));
        return
        [
            .. Enumerable.Range(0, 24).Select(i => new PeriodSums(first.AddHours(i), hours.GetValueOrDefault(i) ?? [])),
        ];
    }

    private static async Task<IReadOnlyList<PeriodSums>> DaysAsync(
        Statements sql,
        DateTimeOffset now,
        int count,
        List<(string Day, string Sums)> fresh
    )
    {
        var today = new DateTimeOffset(now.Date, TimeSpan.Zero);
        var first = today.AddDays(1 - count);
        var kept = (
            await sql.QueryAsync(
                "SELECT day, sums FROM day_sum WHERE day >= @first",
                row => (Day: row.Text(0), Sums: row.Text(1)),
                ("first", Name(first))
            )
        ).ToDictionary(row => row.Day, row => row.Sums, StringComparer.Ordinal);
        var days = new List<PeriodSums>();
        for (var day = first; day <= today; day = day.AddDays(1))
        {
            if (kept.TryGetValue(Name(day), out var known))
            {
                days.Add(new(day, [.. Json.Sums(known).Select(sums => sums.ToSums())]));
                continue;
            }
            var sums = Sum(await EndsAsync(sql, day, day.AddDays(1)));
            days.Add(new(day, sums));
            if (day.AddDays(1) + Settled < now)
                fresh.Add((Name(day), Json.Write([.. sums.Select(SumsJson.Of)])));
        }
        return days;
    }

    private static string Name(DateTimeOffset day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Task<List<EndRow>> EndsAsync(Statements sql, DateTimeOffset from, DateTimeOffset until) =>
        sql.QueryAsync(
            """
            SELECT platform.name, architecture, outcome, attempt.number, registered, started, attempt.ended
            FROM attempt
            JOIN task ON task.id = attempt.task
            JOIN job ON job.number = task.job
            JOIN platform ON platform.id = task.platform
            WHERE attempt.ended >= @from AND attempt.ended < @until
            """,
            row => new EndRow(
                row.Key(0),
                (AttemptOutcome)row.Int(2),
                row.Int(3) == 1,
                row.Time(5) - row.Time(4),
                row.Time(6) - row.Time(5),
                row.Time(6)
            ),
            ("from", from),
            ("until", until)
        );

    private static List<PlatformSums> Sum(IEnumerable<EndRow> ends)
    {
        var sums = new Dictionary<PlatformKey, PlatformSums>();
        foreach (var end in ends)
        {
            var known = sums.GetValueOrDefault(end.Platform) ?? new(end.Platform, EndCounts.None, new(), new());
            sums[end.Platform] = known with { Ends = known.Ends.With(end.Outcome) };
            if (end.First)
                known.Queue.Add(end.Queued);
            if (end.Outcome == AttemptOutcome.Success)
                known.Build.Add(end.Taken);
        }
        return [.. sums.Values];
    }

    private static async Task<IReadOnlyList<SlowSource>> SlowestAsync(Statements sql) =>
        await sql.QueryAsync(
            $"""
            SELECT source, platform.name, architecture, milliseconds
            FROM duration JOIN platform ON platform.id = duration.platform
            ORDER BY milliseconds DESC, source, platform.name LIMIT {MostListed}
            """,
            row => new SlowSource(row.Text(0), row.Key(1), TimeSpan.FromMilliseconds(row.Long(3)))
        );

    /// <summary>The last failures, the latest first: at the most <see cref="FarmStatistics.MostFailures"/>, however many there were.</summary>
    private static Task<List<FailureRow>> FailuresAsync(Statements sql, DateTimeOffset from) =>
        sql.QueryAsync(
            $"""
            SELECT package.name, job.id, platform.name, architecture, failed.number, failed.ended,
                   (SELECT max(version) FROM job_package WHERE job_package.job = task.job AND job_package.package = failed.package),
                   {PassedLater}
            FROM (SELECT task, number, package, ended FROM attempt WHERE outcome = {States.Failed} AND ended >= @from
                  ORDER BY ended DESC LIMIT {FarmStatistics.MostFailures.ToString(
                CultureInfo.InvariantCulture
            )}) AS failed
            JOIN package ON package.id = failed.package
            JOIN task ON task.id = failed.task
            JOIN job ON job.number = task.job
            JOIN platform ON platform.id = task.platform
            ORDER BY failed.ended DESC
            """,
            row => new FailureRow(
                row.Text(0),
                row.TextOrNull(6) ?? "",
                new(row.Id(1), row.Key(2), row.Int(4)),
                row.Time(5),
                row.Flag(7)
            ),
            ("from", from)
        );

    private static IReadOnlyList<FailingSource> Failing(List<FailureRow> failures) =>
        [
            .. failures
                .GroupBy(failure => failure.Package)
                .Select(all => new FailingSource(all.Key, all.Count(), all.First().Attempt, all.First().At))
                .OrderByDescending(source => source.Failures)
                .Take(int.Parse(MostListed, CultureInfo.InvariantCulture)),
        ];

    private static IReadOnlyList<FlakySource> Flaky(List<FailureRow> failures) =>
        [
            .. failures
                .Where(failure => failure.PassedLater)
                .GroupBy(failure => (failure.Package, failure.Version, failure.Attempt.Platform))
                .Select(all => new FlakySource(
                    all.Key.Package,
                    all.Key.Version,
                    all.Count(),
                    all.First().Attempt,
                    all.First().At
                ))
                .Take(int.Parse(MostListed, CultureInfo.InvariantCulture)),
        ];

    /// <summary>
    /// The same source succeeded on the platform since, in this job or in a later one that has it in the same version. What has no version may have changed.
    /// </summary>
    private const string PassedLater = $"""
        EXISTS (SELECT 1 FROM job_package AS mine
                JOIN job_package AS other ON other.package = mine.package AND other.version = mine.version AND other.job >= mine.job
                JOIN task AS later ON later.job = other.job AND later.platform = task.platform AND later.state = {States.Success}
                WHERE mine.job = task.job AND mine.package = failed.package AND (other.job = mine.job OR mine.version <> ''))
        """;

    /// <summary>An attempt that ended.</summary>
    private sealed record EndRow(
        PlatformKey Platform,
        AttemptOutcome Outcome,
        bool First,
        TimeSpan Queued,
        TimeSpan Taken,
        DateTimeOffset Ended
    );

    /// <summary>An attempt that failed.</summary>
    private sealed record FailureRow(
        string Package,
        string Version,
        Publisher Attempt,
        DateTimeOffset At,
        bool PassedLater
    );
}
