using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

/// <summary>Why tasks wait. Everything is counted among live tasks only.</summary>
internal abstract partial class SqlRegistry
{
    public Task<IReadOnlyList<Waiting>> ExplainAsync(JobId job, CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<Waiting>>(
            async sql =>
            {
                var waiting = await sql.QueryAsync(WaitingTasks, ReadWaiting, ("id", job.ToString()));
                var explained = new List<Waiting>();
                foreach (var task in waiting)
                    explained.Add(await ExplainAsync(sql, task));
                return explained;
            },
            cancel
        );

    private async Task<Waiting> ExplainAsync(Statements sql, WaitingRow task)
    {
        if (!task.Active)
            return task.Because(
                WaitReason.PlatformInactive,
                $"platform {task.Platform} is not active: its tasks wait until somebody runs `pkgforge platform activate`"
            );
        if (task.Blocked > 0)
            return task.Because(WaitReason.AfterOthers, await DescribeOthersAsync(sql, task));
        var builders = await sql.QueryAsync(
            BuildersOf,
            ReadBuilderState,
            ("platform", task.PlatformId),
            ("task", task.Id),
            ("timeout", Options.SessionTimeout),
            ("refusals", Options.RefusalTime),
            ("others", Options.OthersFirst)
        );
        if (builders.TrueForAll(b => b.Absence is not null))
            return task.Because(WaitReason.NoBuilder, NobodyBuilds(task, builders));
        var taking = builders.FindAll(b => b.Absence is null);
        if (taking.TrueForAll(b => b.Refusal is not null))
            return task.Because(
                WaitReason.RefusedByAll,
                $"refused by every builder that runs: {string.Join("; ", taking.Select(b => b.Answer))}"
            );
        if (await FullCapAsync(sql, task) is { } full)
            return task.Because(WaitReason.Cap, full);
        var others = taking.FindAll(b => b.Refusal is null && b.LeavesItUntil is null);
        var place = await PlaceInLineAsync(sql, task, others.Count > 0 ? others : taking);
        return others.Count == 0 || taking.Find(b => b.LeavesItUntil is not null) is not { } failed
            ? place
            : place with
            {
                Details =
                    $"{place.Details}; {failed.Name} failed with it, and leaves it to others until {failed.LeavesItUntil:HH:mm} UTC",
            };
    }

    private static async Task<Waiting> PlaceInLineAsync(Statements sql, WaitingRow task, List<BuilderState> taking)
    {
        var line = await sql.QueryAsync(
            Line,
            row =>
                (
                    Before: row.Int(0),
                    Known: row.Int(1),
                    Time: row.LongOrNull(2) ?? 0,
                    Left: row.LongOrNull(3),
                    Now: row.Time(4)
                ),
            ("task", task.Id)
        );
        var (before, known, time, left, now) = line[0];
        var idle = taking.Count(b => !b.Busy);
        // A guess for those whose sources were never built: as long as the others take. Nobody can say if none was.
        var start =
            before == 0 && idle > 0 ? now
            : known < before && known == 0 || left is null ? (DateTimeOffset?)null
            : now
                + TimeSpan.FromMilliseconds(
                    (left.Value + (known == 0 ? 0 : (double)time / known * before)) / taking.Count
                );
        return before == 0
            ? task.Because(
                WaitReason.Next,
                idle > 0 ? "it is next: a builder is about to take it"
                    : taking is [var only] ? $"it is next, when {only.Name} is done"
                    : $"it is next, when one of {taking.Count} busy builders is done"
            ) with
            {
                Start = start,
                Now = now,
            }
            : task.Because(
                WaitReason.TasksBefore,
                $"{Count(before, "task")} {(before == 1 ? "goes" : "go")} before it, for {Count(taking.Count, "builder")}"
            ) with
            {
                Before = before,
                Start = start,
                Now = now,
            };
    }

    private static async Task<string> DescribeOthersAsync(Statements sql, WaitingRow task)
    {
        var others = await sql.QueryAsync(
            $"""
            SELECT job.id, other.state
            FROM job_after
            JOIN task AS other ON other.job = job_after.after
            JOIN job ON job.number = job_after.after
            WHERE job_after.job = @job AND other.platform = @platform AND other.state <> {States.Success}
            ORDER BY job.number LIMIT 4
            """,
            row => $"{row.Text(0)} ({NameOf((BuildTaskState)row.Int(1))})",
            ("job", task.Job),
            ("platform", task.PlatformId)
        );
        var more = task.Blocked - others.Count;
        return $"waits for {string.Join(", ", others)}{(more > 0 ? $" and {more} more" : "")}";
    }

    private static string NobodyBuilds(WaitingRow task, List<BuilderState> builders) =>
        builders.Count == 0
            ? $"there is no builder for {task.Platform}: add one with `pkgforge builder add`"
            : $"no builder for {task.Platform} takes tasks: {string.Join("; ", builders.Take(5).Select(b => $"{b.Name} {b.Absence}"))}";

    private static async Task<string?> FullCapAsync(Statements sql, WaitingRow task) =>
        (
            await sql.QueryAsync(
                $"SELECT kind, tasks, name FROM cap WHERE {CapOf} AND {Reached} ORDER BY tasks LIMIT 1",
                row =>
                    row.Text(0) == NameOf(CapKind.Bucket)
                        ? $"bucket {row.Text(2)} has reached its cap of {Count(row.Int(1), "task")} at once"
                        : $"{task.Submitter} has reached the cap of {Count(row.Int(1), "task")} at once",
                ("lane", task.Lane)
            )
        ).FirstOrDefault();

    private static string NameOf(BuildTaskState state) =>
        state switch
        {
            BuildTaskState.NeedsBuild => "needs build",
            BuildTaskState.Building => "building",
            BuildTaskState.Fail => "failed: retry it, or cancel this one",
            BuildTaskState.Cancelled => "cancelled: retry it, or cancel this one",
            _ => "success",
        };

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    private static WaitingRow ReadWaiting(Row row) =>
        new(row.Long(0), row.Long(1), row.Long(2), row.Key(3))
        {
            Active = row.Flag(5),
            Blocked = row.Int(6),
            Lane = row.Long(7),
            Submitter = row.Text(8),
            Estimate = row.LongOrNull(9) is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
        };

    private static BuilderState ReadBuilderState(Row row)
    {
        var absence = !row.Flag(1)
            ? row.TimeOrNull(2) is { } seen
                ? $"is stopped (last seen {seen:yyyy-MM-dd HH:mm} UTC)"
                : "never ran"
            : row.TextOrNull(3) is { } quarantine
                ? $"is in quarantine: {quarantine}; it is tried with a task at {row.Time(7):yyyy-MM-dd HH:mm} UTC"
                : row.Flag(4)
                    ? "is draining"
                    : null;
        var refused = row.TextOrNull(6) is { } reason ? new Refused(reason, row.Time(8)) : null;
        return new(row.Text(0), absence, row.Flag(5), refused) { LeavesItUntil = row.TimeOrNull(9) };
    }

    private const string WaitingTasks = $"""
        SELECT task.id, task.job, task.platform, platform.name, platform.architecture, platform.active, task.blocked, task.lane,
               job.submitter, task.estimate
        FROM job JOIN task ON task.job = job.number JOIN platform ON platform.id = task.platform
        WHERE job.id = @id AND task.state = {States.Waiting}
        ORDER BY lower(platform.name), lower(platform.architecture)
        """;

    private const string BuildersOf = $"""
        SELECT builder.name, {IsRunning}, builder.last_seen, builder.quarantine, builder.draining,
               EXISTS (SELECT 1 FROM task WHERE task.builder = builder.id AND task.state = {States.Building}),
               refusal.reason, builder.canary, refusal.refused + @refusals,
               (SELECT attempt.ended + @others FROM task JOIN attempt ON attempt.task = task.id AND attempt.number = task.lease
                WHERE task.id = @task AND attempt.builder = builder.name AND attempt.ended > $NOW - @others
                  AND attempt.outcome IN ({States.Lost}, {States.FarmFault}))
        FROM builder
        LEFT JOIN refusal ON refusal.task = @task AND refusal.builder = builder.name AND refusal.refused > $NOW - @refusals
        WHERE builder.platform = @platform
        ORDER BY builder.name
        """;

    /// <summary>
    /// Who goes before a task, as nearly as can be said without guessing at what will be registered: everything of a higher priority, what is before it
    /// in its own lane, what is older in its submitter's other lanes of its priority, and of every other submitter's tasks of its priority as many
    /// as that, and one more: they take turns.
    /// </summary>
    private const string Line = $"""
        WITH mine AS (
            SELECT task.id, task.rank, task.lane, lane.platform, lane.priority, lane.submitter
            FROM task JOIN lane ON lane.id = task.lane WHERE task.id = @task),
        own AS (
            SELECT count(*) AS tasks, count(task.estimate) AS known, sum(task.estimate) AS time
            FROM mine
            JOIN lane ON lane.platform = mine.platform AND lane.priority = mine.priority AND lane.submitter = mine.submitter
            JOIN task ON task.lane = lane.id
                     AND CASE WHEN lane.id = mine.lane THEN (task.rank, task.id) < (mine.rank, mine.id) ELSE task.id < mine.id END
            WHERE task.state = {States.Waiting} AND task.blocked = 0),
        others AS (
            SELECT lane.priority, lane.submitter, count(*) AS tasks, count(task.estimate) AS known, sum(task.estimate) AS time
            FROM mine
            JOIN lane ON lane.platform = mine.platform AND lane.priority >= mine.priority
                     AND (lane.priority > mine.priority OR lane.submitter <> mine.submitter)
            JOIN task ON task.lane = lane.id
            WHERE task.state = {States.Waiting} AND task.blocked = 0
            GROUP BY lane.priority, lane.submitter),
        ahead AS (
            SELECT tasks, known, coalesce(time, 0) AS time FROM own
            UNION ALL
            SELECT CASE WHEN others.priority > mine.priority OR others.tasks <= own.tasks + 1 THEN others.tasks ELSE own.tasks + 1 END,
                   others.known, coalesce(others.time, 0)
            FROM others, own, mine)
        SELECT sum(tasks), sum(known), sum(time),
               (SELECT sum(CASE WHEN task.estimate IS NULL THEN NULL
                                WHEN task.estimate > $ELAPSED(task.claimed) THEN task.estimate - $ELAPSED(task.claimed) ELSE 0 END)
                FROM task, mine WHERE task.platform = mine.platform AND task.state = {States.Building}),
               $NOW
        FROM ahead
        """;

    /// <summary>A task that waits, and what its waiting may depend on.</summary>
    private sealed record WaitingRow(long Id, long Job, long PlatformId, PlatformKey Platform)
    {
        public required bool Active { get; init; }

        public required int Blocked { get; init; }

        public required long Lane { get; init; }

        public required string Submitter { get; init; }

        public required TimeSpan? Estimate { get; init; }

        public Waiting Because(WaitReason reason, string details) => new(Platform, reason, details, 0, null, Estimate);
    }

    /// <summary>Why a builder cannot have the task, and until when it is not asked again.</summary>
    private sealed record Refused(string Reason, DateTimeOffset Until);

    /// <summary>A builder of the platform: why it takes nothing, or why not this task.</summary>
    private sealed record BuilderState(string Name, string? Absence, bool Busy, Refused? Refusal)
    {
        /// <summary>Its last try at the task was a fault of the farm: until then the task is left to others, if others run.</summary>
        public DateTimeOffset? LeavesItUntil { get; init; }

        public string Answer => $"{Name}: {Refusal?.Reason} (asked again at {Refusal?.Until:HH:mm} UTC)";
    }
}
