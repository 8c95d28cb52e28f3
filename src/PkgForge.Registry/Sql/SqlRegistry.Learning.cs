using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

/// <summary>What the farm learns from tasks that end: how long sources take, and who has used how much of it.</summary>
internal abstract partial class SqlRegistry
{
    /// <summary>Under load what was used is written no more often than this: an old snapshot keeps every version of a row that many change.</summary>
    private static readonly TimeSpan ChargePause = TimeSpan.FromSeconds(1);

    private static readonly DateTimeOffset UsageEpoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly UsageLedger ledger = new(clock, options.OrderAge > TimeSpan.Zero ? ChargePause : TimeSpan.Zero);

    private static async Task LearnAsync(Statements sql, HeldRow task, TaskResult result)
    {
        foreach (var (source, time) in result.Durations.OrderBy(d => d.Key, StringComparer.Ordinal))
            await sql.ExecuteAsync(
                """
                INSERT INTO duration (platform, source, milliseconds)
                SELECT id, @source, @time FROM platform WHERE key = @platform
                ON CONFLICT (platform, source) DO UPDATE SET milliseconds = (2 * duration.milliseconds + excluded.milliseconds) / 3
                """,
                ("source", source),
                ("time", (long)time.TotalMilliseconds),
                ("platform", Stored(task.Platform))
            );
    }

    /// <summary>
    /// Adds an attempt's time to its submitter's account, once its end is committed. Weighed by 2^(end / half-life), the sum need never be
    /// touched to decay; its logarithm keeps it small. What a process that dies has not written yet is forgotten: it is a second's worth.
    /// </summary>
    private async Task ChargeAsync(HeldRow? task, CancellationToken cancel)
    {
        if (task is null)
            return;
        var halfLives = (task.Now - UsageEpoch) / Options.UsageHalfLife;
        ledger.Add(task.Submitter, Math.Log2(Math.Max(1, task.Time.TotalMilliseconds)) + halfLives);
        if (ledger.TakeDue() is [_, ..] due)
            await WriteAsync(sql => ChargeAsync(sql, due), InDoubt.Repeat, cancel);
    }

    private static async Task<bool> ChargeAsync(Statements sql, IReadOnlyList<(long Submitter, double Used)> due)
    {
        foreach (var (submitter, used) in due)
        {
            var before = await sql.QueryAsync(
                "SELECT used FROM submitter WHERE id = @id $LOCK_JOB",
                row => row.Real(0),
                ("id", submitter)
            );
            await sql.ExecuteAsync(
                "UPDATE submitter SET used = @used WHERE id = @id",
                ("used", UsageLedger.Sum(before.FirstOrDefault(), used)),
                ("id", submitter)
            );
        }
        return true;
    }

    /// <summary>How long each job should take on each platform, where every one of its sources was built there before.</summary>
    private static async Task<Dictionary<(JobId, PlatformKey), long>> EstimateAsync(
        Statements sql,
        IReadOnlyList<NewJob> jobs
    )
    {
        var names = jobs.SelectMany(job => SourceNames(job.Job)).Distinct(StringComparer.Ordinal).ToList();
        var known = (
            await sql.QueryAsync(
                """
                SELECT platform.name, platform.architecture, source, milliseconds
                FROM duration JOIN platform ON platform.id = duration.platform
                WHERE source IN (SELECT value FROM $TEXTS(@names))
                """,
                row => ((row.Key(0), row.Text(2)), row.Long(3)),
                ("names", Json.Write(names))
            )
        ).ToDictionary(row => row.Item1, row => row.Item2);
        var estimates = new Dictionary<(JobId, PlatformKey), long>();
        foreach (var job in jobs)
        foreach (var platform in job.Platforms)
        {
            var times = SourceNames(job.Job)
                .Select(name => known.TryGetValue((platform, name), out var time) ? time : (long?)null)
                .ToList();
            if (times.TrueForAll(time => time is not null))
                estimates[(job.Job.Id, platform)] = times.Sum() ?? 0;
        }
        return estimates;
    }

    private static IEnumerable<string> SourceNames(Job job) => job.Sources.Select(Sources.SourceName.Of);
}
