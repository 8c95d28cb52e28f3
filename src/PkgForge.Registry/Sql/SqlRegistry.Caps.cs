namespace PkgForge.Registry.Sql;

/// <summary>How many tasks of one submitter, or for one bucket, may be building at once.</summary>
internal abstract partial class SqlRegistry
{
    public Task SetCapAsync(Cap cap, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
            {
                (string, object?)[] key = [("kind", NameOf(cap.Kind)), ("name", cap.Name)];
                if (cap.Tasks is { } tasks)
                    await sql.ExecuteAsync(
                        """
                        INSERT INTO cap (kind, name, tasks) VALUES (@kind, @name, @tasks)
                        ON CONFLICT (kind, name) DO UPDATE SET tasks = excluded.tasks
                        """,
                        [.. key, ("tasks", tasks)]
                    );
                else
                    await sql.ExecuteAsync("DELETE FROM cap WHERE kind = @kind AND name = @name", key);
                // A wider cap may let tasks go that wait now.
                foreach (
                    var platform in await sql.QueryAsync("SELECT name, architecture FROM platform", row => row.Key(0))
                )
                    sql.Wake(Topic.Tasks(platform));
                return true;
            },
            InDoubt.Repeat,
            cancel
        );

    public Task<IReadOnlyList<Cap>> ListCapsAsync(CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<Cap>>(
            async sql =>
                await sql.QueryAsync(
                    "SELECT kind, name, tasks FROM cap ORDER BY kind, name",
                    row => new Cap(
                        row.Text(0) == NameOf(CapKind.Bucket) ? CapKind.Bucket : CapKind.Submitter,
                        row.Text(1),
                        row.Int(2)
                    )
                ),
            cancel
        );

    /// <summary>
    /// A task builds no more: where that makes room under a cap, those who wait on any platform for what the cap held up look again.
    /// </summary>
    private static async Task WakeCappedAsync(Statements sql, HeldRow task)
    {
        if (!task.IsCapped)
            return;
        if (await sql.NumberAsync($"SELECT 1 FROM cap WHERE {CapOf} LIMIT 1", ("lane", task.Lane)) is null)
            return;
        var platforms = await sql.QueryAsync(
            $"""
            SELECT DISTINCT platform.name, platform.architecture
            FROM lane AS mine
            JOIN lane ON lane.bucket = mine.bucket OR lane.submitter = mine.submitter
            JOIN platform ON platform.id = lane.platform
            WHERE mine.id = @lane AND EXISTS (SELECT 1 {FirstReady})
            """,
            row => row.Key(0),
            ("lane", task.Lane)
        );
        platforms.ForEach(platform => sql.Wake(Topic.Tasks(platform)));
    }

    private static string NameOf(CapKind kind) => kind == CapKind.Bucket ? "bucket" : "submitter";
}
