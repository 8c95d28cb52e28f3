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

    private static string NameOf(CapKind kind) => kind == CapKind.Bucket ? "bucket" : "submitter";
}
