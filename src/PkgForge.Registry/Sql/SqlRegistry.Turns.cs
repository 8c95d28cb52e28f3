using System.Collections.Concurrent;

namespace PkgForge.Registry.Sql;

/// <summary>
/// Builders' turns. A builder has at most one task, by a unique index on builder and turn: a claim sets its builder's turn on the task, and
/// with that the index sees two claims at once. The turn moves on now and then, so that claims do not pass by the index entries of all tasks
/// that the builder ever had, which an old snapshot may keep alive for hours.
/// </summary>
internal abstract partial class SqlRegistry
{
    /// <summary>
    /// After so many tasks that ended through this process a builder's turn moves on: under an old snapshot each claim then looks at half as many
    /// index entries, and at as many versions of the builder's row as its turn has moved. 128 serves best for some 10,000 tasks.
    /// </summary>
    private const int TasksPerTurn = 128;

    private readonly ConcurrentDictionary<string, int> ends = new(StringComparer.Ordinal);

    /// <summary>The condition for the task that a builder has now.</summary>
    private const string IsCurrent =
        $"task.builder = builder.id AND task.turn = builder.turn AND task.state = {States.Building}";

    /// <summary>
    /// The lane of each builder's task, null for who has none. Builder by builder, and not by a scan of all that are building, which would meet the
    /// same dead entries.
    /// </summary>
    private const string CurrentLanes =
        $"(SELECT (SELECT task.lane FROM task WHERE {IsCurrent}) AS lane FROM builder) AS running";

    /// <summary>
    /// Moves a builder on that has just ended a task. It claims nothing meanwhile; were it to, the foreign key would refuse a claim
    /// of a turn that is over.
    /// </summary>
    private async Task MoveOnAsync(HeldRow? ended, CancellationToken cancel)
    {
        if (ended is not null && ends.AddOrUpdate(ended.Builder, 1, (_, before) => before + 1) % TasksPerTurn == 0)
            await WriteAsync(sql => MoveOnAsync(sql, ended.Builder), InDoubt.Repeat, cancel);
    }

    /// <summary>A scalar sub-query: PostgreSQL would make a join of NOT EXISTS, and read the whole index for it.</summary>
    private static async Task<bool> MoveOnAsync(Statements sql, string builder)
    {
        await sql.NumberAsync("SELECT id FROM builder WHERE name = @name $LOCK_BUILDER", ("name", builder));
        return await sql.ExecuteAsync(
                $"""
                UPDATE builder SET turn = turn + 1
                WHERE name = @name AND (SELECT task.id FROM task WHERE {IsCurrent}) IS NULL
                """,
                ("name", builder)
            ) == 1;
    }
}
