namespace PkgForge.Registry.Sql;

/// <summary>
/// Lanes' heads: where the first task of a lane may be. Claims begin there, and so pass by the index entries of the tasks that went before it,
/// which an old snapshot may keep alive for hours.
/// </summary>
internal abstract partial class SqlRegistry
{
    /// <summary>After so many claims on a platform the lanes' heads are brought up to where their first tasks are now.</summary>
    private const int ClaimsPerAdvance = 500;

    /// <summary>
    /// Moves heads up. The lanes are locked first, by a statement of its own: whoever adds a task to a lane, or has made one of it ready, holds it
    /// until his transaction ends, and is passed by; so the next statement sees every task that a lane has, or will get behind its head.
    /// </summary>
    private static async Task<bool> AdvanceHeadsAsync(Statements sql, BuilderSession session)
    {
        var locked = await sql.QueryAsync(
            "SELECT id FROM lane WHERE platform = (SELECT id FROM platform WHERE key = @platform) ORDER BY id $PASS_LANE",
            row => row.Long(0),
            ("platform", Stored(session.Platform))
        );
        foreach (var lane in locked)
            await sql.ExecuteAsync(Advance, ("lane", lane));
        return true;
    }

    /// <summary>
    /// A task that was not to be had may be claimed once this transaction is committed: its lane's head goes no further than it. The lane is
    /// held first, in a statement of its own, also where its head need not go down: nobody else sees yet that the task is ready, and would move the head past it.
    /// </summary>
    private static async Task LowerHeadAsync(Statements sql, long task)
    {
        await sql.NumberAsync(
            "SELECT lane.id FROM lane WHERE lane.id = (SELECT lane FROM task WHERE id = @task) $HOLD_LANE",
            ("task", task)
        );
        await sql.ExecuteAsync(
            """
            UPDATE lane SET first_rank = task.rank, first_id = task.id
            FROM task
            WHERE task.id = @task AND lane.id = task.lane AND (task.rank, task.id) < (lane.first_rank, lane.first_id)
            """,
            ("task", task)
        );
    }

    private const string FirstReady = $"""
        FROM task
        WHERE task.lane = lane.id AND task.state = {States.Waiting} AND task.blocked = 0
          AND (task.rank, task.id) >= (lane.first_rank, lane.first_id)
        ORDER BY task.rank, task.id LIMIT 1
        """;

    /// <summary>Where nothing has changed, or nothing is ready, no version of the row is left behind.</summary>
    private const string Advance = $"""
        UPDATE lane SET first_rank = (SELECT task.rank {FirstReady}), first_id = (SELECT task.id {FirstReady})
        WHERE lane.id = @lane AND (SELECT task.id {FirstReady}) <> lane.first_id
        """;
}
