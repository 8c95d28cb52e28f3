using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

/// <summary>
/// Tasks that wait for others. A task counts in <c>blocked</c> how many must still succeed; its <c>rank</c> is minus the time that
/// the longest chain of tasks behind it should take, so that what holds up the most is built first.
/// </summary>
internal abstract partial class SqlRegistry
{
    /// <summary>What a task whose sources were never built is reckoned with.</summary>
    private const long UnknownMilliseconds = 60_000;

    /// <summary>Notes what new jobs wait for, and keeps the tasks they wait for from ending until these are there.</summary>
    private static async Task ChainAsync(
        Statements sql,
        IReadOnlyList<NewJob> jobs,
        IReadOnlyDictionary<string, long> numbers
    )
    {
        var after = jobs.SelectMany(job =>
                job.Job.After.Distinct().Select(id => new AfterJson(numbers[job.Job.Id.ToString()], id.ToString()))
            )
            .ToList();
        if (after.Count == 0)
            return;
        var noted = await sql.ExecuteAsync(
            """
            INSERT INTO job_after (job, after)
            SELECT given.job, job.number FROM $AFTER JOIN job ON job.id = given.after
            WHERE job.number < given.job
            """,
            ("after", Json.Write(after))
        );
        if (noted < after.Count)
            throw new UnknownJobException(after[0].After);
        await sql.QueryAsync(
            """
            SELECT task.id FROM task
            WHERE task.job IN (SELECT job.number FROM $AFTER JOIN job ON job.id = given.after)
            ORDER BY task.id $SHARE_TASK
            """,
            row => row.Long(0),
            ("after", Json.Write(after))
        );
    }

    /// <summary>Lets the ranks of tasks that others have begun to wait for grow, and those before them, as far as it goes.</summary>
    private static async Task RankAsync(
        Statements sql,
        IReadOnlyList<NewJob> jobs,
        IReadOnlyDictionary<string, long> numbers
    )
    {
        foreach (var job in jobs.Where(job => job.Job.After.Count > 0))
        {
            IReadOnlyList<long> changed = [numbers[job.Job.Id.ToString()]];
            while (changed.Count > 0)
                changed = await RankBeforeAsync(sql, changed);
        }
    }

    /// <summary>Ranks the waiting tasks that those of these jobs wait for. Returns the jobs of those that it changed.</summary>
    private static async Task<IReadOnlyList<long>> RankBeforeAsync(Statements sql, IReadOnlyList<long> jobs)
    {
        var better = await sql.QueryAsync(
            $"""
            SELECT task.id, task.job, min(behind.rank - coalesce(behind.estimate, {UnknownMilliseconds}))
            FROM job_after
            JOIN task AS behind ON behind.job = job_after.job
            JOIN task ON task.job = job_after.after AND task.platform = behind.platform
            WHERE job_after.job IN (SELECT CAST(value AS bigint) FROM $TEXTS(@names)) AND task.state = {States.Waiting}
            GROUP BY task.id, task.job, task.rank
            HAVING task.rank > min(behind.rank - coalesce(behind.estimate, {UnknownMilliseconds}))
            ORDER BY task.id
            """,
            row => (Task: row.Long(0), Job: row.Long(1), Rank: row.Long(2)),
            (
                "names",
                Json.Write([.. jobs.Select(job => job.ToString(System.Globalization.CultureInfo.InvariantCulture))])
            )
        );
        foreach (var (task, _, rank) in better)
        {
            await sql.ExecuteAsync("UPDATE task SET rank = @rank WHERE id = @task", ("rank", rank), ("task", task));
            await LowerHeadAsync(sql, task);
        }
        return [.. better.Select(row => row.Job).Distinct()];
    }

    /// <summary>A task has succeeded: those that waited for it wait for one less.</summary>
    private static async Task UnblockAsync(Statements sql, HeldRow task)
    {
        var freed = await sql.QueryAsync(
            $"""
            UPDATE task SET blocked = blocked - 1
            WHERE blocked > 0 AND job IN (SELECT job FROM job_after WHERE after = @job)
              AND platform = (SELECT id FROM platform WHERE key = @platform)
            RETURNING id, blocked, state
            """,
            row => (Id: row.Long(0), Ready: row.Int(1) == 0 && row.Int(2) == (int)BuildTaskState.NeedsBuild),
            ("job", task.Job),
            ("platform", Stored(task.Platform))
        );
        foreach (var (id, _) in freed.Where(t => t.Ready))
            await LowerHeadAsync(sql, id);
        if (freed.Exists(t => t.Ready))
            sql.Wake(Topic.Tasks(task.Platform));
    }

    /// <summary>
    /// A task waits that did not until now: it counts anew what it waits for, since that may have changed meanwhile, and can be claimed. What it waits
    /// for is kept from ending before it is counted.
    /// </summary>
    private static async Task WaitAgainAsync(Statements sql, long task, PlatformKey platform)
    {
        var before = await sql.QueryAsync(
            """
            SELECT task.id FROM task
            WHERE task.job IN (SELECT job_after.after FROM job_after JOIN task AS mine ON mine.job = job_after.job WHERE mine.id = @task)
              AND task.platform = (SELECT mine.platform FROM task AS mine WHERE mine.id = @task)
            ORDER BY task.id $SHARE_TASK
            """,
            row => row.Long(0),
            ("task", task)
        );
        if (before.Count > 0)
            await sql.ExecuteAsync($"{CountBlocked} WHERE id = @task", ("task", task));
        await LowerHeadAsync(sql, task);
        sql.Wake(Topic.Tasks(platform));
    }

    /// <summary>Tasks that had succeeded are built again: those that wait for them and have not begun wait once more.</summary>
    private static Task BlockAgainAsync(Statements sql, IEnumerable<TaskRow> tasks) =>
        ForEachAsync(
            sql,
            $"""
            UPDATE task SET blocked = blocked + 1
            WHERE state IN ({States.Waiting}, {States.Cancelled})
              AND EXISTS (SELECT 1 FROM task AS before JOIN job_after ON job_after.after = before.job
                          WHERE before.id = @task AND job_after.job = task.job AND before.platform = task.platform)
            """,
            tasks
        );
}
