namespace PkgForge.Registry.Sql;

internal abstract partial class SqlRegistry
{
    /// <summary>The tables that <see cref="ZapAsync"/> empties, each before those that it refers to.</summary>
    private static readonly string[] JobTables =
    [
        "outbox",
        "product",
        "published",
        "day_sum",
        "attempt",
        "refusal",
        "job_after",
        "job_package",
        "task",
        "job",
        "package",
        "lane",
        "submitter",
    ];

    public virtual Task<IReadOnlyList<string>> MigrateAsync(CancellationToken cancel) =>
        WriteAsync(MigrateAsync, InDoubt.Repeat, cancel);

    public async Task CheckSchemaAsync(CancellationToken cancel)
    {
        var missing = await ReadAsync(PendingAsync, cancel);
        if (missing is [var first, ..])
            throw new RegistrySchemaException(
                $"the registry at {Place} lacks the migration '{first.Name}' of this program: run `pkgforge initserver`"
            );
    }

    public Task<IReadOnlyDictionary<string, long>> CountAsync(CancellationToken cancel) =>
        ReadAsync<IReadOnlyDictionary<string, long>>(
            async sql =>
            {
                var counts = new Dictionary<string, long>();
                foreach (var table in JobTables)
                    counts[table] = await sql.NumberAsync($"SELECT count(*) FROM {table}") ?? 0;
                return counts;
            },
            cancel
        );

    public Task ZapAsync(CancellationToken cancel) =>
        WriteAsync(
            async sql =>
            {
                foreach (var table in JobTables)
                    await sql.ExecuteAsync($"DELETE FROM {table}");
                return true;
            },
            InDoubt.Repeat,
            cancel
        );

    private async Task<IReadOnlyList<string>> MigrateAsync(Statements sql)
    {
        await LockMigrationsAsync(sql);
        await sql.ExecuteAsync(
            "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, sha256 text NOT NULL, applied $TIME NOT NULL)"
        );
        var pending = await PendingAsync(sql);
        foreach (var migration in pending)
        {
            await sql.ExecuteAsync(migration.Sql);
            await sql.ExecuteAsync(
                "INSERT INTO migration (name, sha256, applied) VALUES (@name, @sha256, $NOW)",
                ("name", migration.Name),
                ("sha256", migration.Sha256)
            );
        }
        await GrantAsync(sql);
        return [.. pending.Select(migration => migration.Name)];
    }

    /// <summary>Gives others their rights on the tables, where the database knows of others.</summary>
    protected virtual Task GrantAsync(Statements sql) => Task.CompletedTask;

    /// <summary>The migrations that are not applied yet; an exception if what is applied is not this program's.</summary>
    private async Task<IReadOnlyList<Migration>> PendingAsync(Statements sql)
    {
        var own = Migrations.Of(Folder);
        var applied = await sql.QueryAsync(
            "SELECT name, sha256 FROM migration ORDER BY name",
            row => (Name: row.Text(0), Sha256: row.Text(1))
        );
        foreach (var (name, sha256) in applied)
            CheckApplied(name, sha256, own);
        return [.. own.Where(migration => !applied.Exists(a => a.Name == migration.Name))];
    }

    private void CheckApplied(string name, string sha256, IReadOnlyList<Migration> own)
    {
        var known = own.FirstOrDefault(migration => migration.Name == name);
        if (known is null)
            throw new RegistrySchemaException(
                $"the registry at {Place} is newer than this program, which has no migration '{name}': install the version that made it, or a later one"
            );
        if (known.Sha256 != sha256)
            throw new RegistrySchemaException(
                $"the migration '{name}' of the registry at {Place} was applied with another text (SHA-256 {sha256}, this program's is {known.Sha256}): "
                    + "the program is not the released one; install that"
            );
    }
}
