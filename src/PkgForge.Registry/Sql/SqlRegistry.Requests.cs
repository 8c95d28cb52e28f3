using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

/// <summary>What users ask of tasks: cancel, retry, another priority.</summary>
internal abstract partial class SqlRegistry
{
    public Task<IReadOnlyList<PlatformKey>?> CancelAsync(JobId job, PlatformKey? platform, CancellationToken cancel) =>
        ChangeTasksAsync(
            job,
            platform,
            async (sql, tasks) =>
            {
                // Not parallel to the tasks' own ends: their rows are locked.
                await ForEachAsync(
                    sql,
                    $"UPDATE task SET state = {States.Cancelled} WHERE id = @task",
                    tasks.Where(task => task.State == BuildTaskState.NeedsBuild)
                );
                var building = tasks.Where(task => task.State == BuildTaskState.Building).ToList();
                await ForEachAsync(sql, "UPDATE task SET cancel_requested = true WHERE id = @task", building);
                foreach (var task in building)
                    sql.Wake(Topic.Requests(task.Builder!));
                return tasks.Where(task => task.State is BuildTaskState.NeedsBuild or BuildTaskState.Building);
            },
            cancel
        );

    public Task<IReadOnlyList<PlatformKey>?> RetryAsync(
        JobId job,
        PlatformKey? platform,
        bool all,
        CancellationToken cancel
    ) =>
        ChangeTasksAsync(
            job,
            platform,
            async (sql, tasks) =>
            {
                var again = tasks.Where(task => IsRetried(task.State, all)).ToList();
                await ForEachAsync(sql, "DELETE FROM product WHERE task = @task", again);
                await ForEachAsync(sql, "DELETE FROM refusal WHERE task = @task", again);
                await BlockAgainAsync(sql, again.Where(task => task.State == BuildTaskState.Success));
                await ForEachAsync(
                    sql,
                    $"UPDATE task SET state = {States.Waiting}, faults = 0, refused = 0, waiting = $NOW WHERE id = @task",
                    again
                );
                foreach (var task in again)
                    await WaitAgainAsync(sql, task.Id, task.Platform);
                return again;
            },
            cancel
        );

    public Task<bool> SetPriorityAsync(JobId job, Priority priority, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
            {
                var found = await sql.QueryAsync(
                    "SELECT number, submitter, bucket FROM job WHERE id = @id",
                    row => (Number: row.Long(0), Submitter: row.Text(1), Bucket: row.Text(2)),
                    ("id", job.ToString())
                );
                if (found is not [var (number, submitter, bucket)])
                    return false;
                var tasks = await LockTasksAsync(sql, number);
                await sql.ExecuteAsync(
                    "UPDATE job SET priority = @priority WHERE number = @job",
                    ("priority", (int)priority),
                    ("job", number)
                );
                var lanes = tasks.Select(t => new LaneJson(Stored(t.Platform), (int)priority, submitter, bucket));
                await sql.ExecuteAsync(InsertLanes, ("lanes", Json.Write([.. lanes])));
                await ForEachAsync(sql, MoveLane, tasks);
                foreach (var task in tasks)
                    await LowerHeadAsync(sql, task.Id);
                return true;
            },
            InDoubt.Repeat,
            cancel
        );

    private static bool IsRetried(BuildTaskState state, bool all) =>
        state is BuildTaskState.Fail or BuildTaskState.Cancelled || (all && state is BuildTaskState.Success);

    private const string MoveLane = """
        UPDATE task SET lane = (
            SELECT lane.id
            FROM job
            JOIN submitter ON submitter.name = job.submitter
            JOIN lane ON lane.platform = task.platform AND lane.priority = job.priority
                     AND lane.submitter = submitter.id AND lane.bucket = job.bucket
            WHERE job.number = task.job)
        WHERE id = @task
        """;

    /// <summary>Locks the tasks that are meant, changes them, derives the job. Null if there is no such job or task.</summary>
    private Task<IReadOnlyList<PlatformKey>?> ChangeTasksAsync(
        JobId job,
        PlatformKey? platform,
        Func<Statements, IReadOnlyList<TaskRow>, Task<IEnumerable<TaskRow>>> change,
        CancellationToken cancel
    ) =>
        WriteAsync<IReadOnlyList<PlatformKey>?>(
            async sql =>
            {
                var number = await sql.NumberAsync("SELECT number FROM job WHERE id = @id", ("id", job.ToString()));
                if (number is null)
                    return null;
                var tasks = await LockTasksAsync(sql, number.Value);
                var meant = platform is { } key ? tasks.FindAll(task => task.Platform == key) : tasks;
                if (platform is not null && meant.Count == 0)
                    return null;
                var changed = (await change(sql, meant)).Select(task => task.Platform).ToList();
                if (changed.Count > 0)
                    await DeriveJobsAsync(sql, [number.Value]);
                return changed;
            },
            InDoubt.Tell,
            cancel
        );

    /// <summary>A job's tasks, locked in the order of their ids, which is not that of the platforms.</summary>
    private static async Task<List<TaskRow>> LockTasksAsync(Statements sql, long job)
    {
        var tasks = await sql.QueryAsync(
            """
            SELECT task.id, task.state, platform.name, platform.architecture,
                   (SELECT builder.name FROM builder WHERE builder.id = task.builder)
            FROM task JOIN platform ON platform.id = task.platform
            WHERE task.job = @job ORDER BY task.id $LOCK_TASK
            """,
            row => new TaskRow(row.Long(0), (BuildTaskState)row.Int(1), row.Key(2), row.TextOrNull(4)),
            ("job", job)
        );
        return [.. tasks.OrderBy(task => Stored(task.Platform), StringComparer.Ordinal)];
    }

    private static async Task ForEachAsync(Statements sql, string statement, IEnumerable<TaskRow> tasks)
    {
        foreach (var task in tasks)
            await sql.ExecuteAsync(statement, ("task", task.Id));
    }

    private sealed record TaskRow(long Id, BuildTaskState State, PlatformKey Platform, string? Builder);
}
