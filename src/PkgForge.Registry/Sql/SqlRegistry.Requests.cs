using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

/// <summary>What users ask of tasks: cancel, retry.</summary>
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
                await ForEachAsync(
                    sql,
                    "UPDATE task SET cancel_requested = true WHERE id = @task",
                    tasks.Where(task => task.State == BuildTaskState.Building)
                );
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
                var ended = tasks.Where(task => task.State is BuildTaskState.Fail or BuildTaskState.Cancelled).ToList();
                await ForEachAsync(
                    sql,
                    $"UPDATE task SET state = {States.Waiting}, faults = 0 WHERE id = @task",
                    ended
                );
                ended.ForEach(task => sql.Wake(task.Platform));
                return ended;
            },
            cancel
        );

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
            SELECT task.id, task.state, platform.name, platform.architecture
            FROM task JOIN platform ON platform.id = task.platform
            WHERE task.job = @job ORDER BY task.id $LOCK_TASK
            """,
            row => new TaskRow(row.Long(0), (BuildTaskState)row.Int(1), row.Key(2)),
            ("job", job)
        );
        return [.. tasks.OrderBy(task => Stored(task.Platform), StringComparer.Ordinal)];
    }

    private static async Task ForEachAsync(Statements sql, string statement, IEnumerable<TaskRow> tasks)
    {
        foreach (var task in tasks)
            await sql.ExecuteAsync(statement, ("task", task.Id));
    }

    private sealed record TaskRow(long Id, BuildTaskState State, PlatformKey Platform);
}
