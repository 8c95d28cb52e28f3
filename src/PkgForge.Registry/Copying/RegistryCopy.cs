using Npgsql;
using PkgForge.Registry.Postgres;
using PkgForge.Registry.Sql;
using PkgForge.Registry.Sqlite;

namespace PkgForge.Registry.Copying;

/// <summary>
/// Moves an embedded registry to PostgreSQL, whole. The source is locked against changes meanwhile, and stays as it is. The target is filled, read
/// back, compared and checked in one transaction: whatever breaks it off, the target stays empty.
/// </summary>
public static class RegistryCopy
{
    /// <summary>Copies.</summary>
    /// <param name="from">A <c>sqlite:</c> registry that no builder uses now.</param>
    /// <param name="to">A <c>postgres:</c> registry with the schema of this program and nothing in it, but perhaps the first account.</param>
    /// <param name="cancel">Breaks it off; nothing was changed then.</param>
    /// <exception cref="ArgumentException">One is not of its kind.</exception>
    /// <exception cref="RegistrySchemaException">One has not this program's schema.</exception>
    public static async Task<CopyOutcome> RunAsync(RegistryOptions from, RegistryOptions to, CancellationToken cancel)
    {
        await using var first = Registries.Open(from);
        await using var second = Registries.Open(to with { StatementTime = Timeout.InfiniteTimeSpan });
        if (first is not SqliteRegistry source)
            throw new ArgumentException("a copy is made from sqlite:PATH", nameof(from));
        if (second is not PostgresRegistry target)
            throw new ArgumentException("a copy is made to postgres:KEYWORDS", nameof(to));
        await source.CheckSchemaAsync(cancel);
        await target.CheckSchemaAsync(cancel);
        try
        {
            return await source.FreezeAsync(
                read =>
                    target.FillAsync((connection, write) => CopyAsync(from, read, connection, write, cancel), cancel),
                cancel
            );
        }
        catch (RefusalException e)
        {
            return new([], e.Message, []);
        }
    }

    // The admin whom initserver makes where there is no account: the source has its own. Not when he has been used.
    private const string RemoveFirstAccount = """
        DELETE FROM account
        WHERE (SELECT count(*) FROM account) = 1
          AND NOT EXISTS (SELECT 1 FROM credential) AND NOT EXISTS (SELECT 1 FROM identity) AND NOT EXISTS (SELECT 1 FROM maintainer)
        """;

    private static async Task<CopyOutcome> CopyAsync(
        RegistryOptions from,
        Statements source,
        NpgsqlConnection connection,
        Statements target,
        CancellationToken cancel
    )
    {
        await RequireIdleAsync(source, from.SessionTimeout);
        await RequireEmptyAsync(target);
        var rows = new List<TableCount>();
        foreach (var name in CopiedTable.Names)
        {
            var table = await CopiedTable.DescribeAsync(target, name);
            using var read = await table.CopyAsync(source, connection, cancel);
            using var written = await table.ReadAsync(target);
            if (read.Rows != written.Rows || read.End() != written.End())
                throw new RefusalException(
                    $"table {name} reads otherwise in the target ({written.Rows} rows) than in the source ({read.Rows} rows): nothing was copied"
                );
            await CountOnAsync(table, source, target);
            rows.Add(new(name, read.Rows));
        }
        return new(rows, null, await SqlRegistry.FindContradictionsAsync(target));
    }

    /// <summary>A builder that works on would end its task in the source, and nobody would know in the target.</summary>
    private static async Task RequireIdleAsync(Statements source, TimeSpan timeout)
    {
        var running = await source.QueryAsync(
            $"""
            SELECT name FROM builder
            WHERE held AND (last_seen > $NOW - @timeout
                            OR EXISTS (SELECT 1 FROM task
                                       WHERE task.builder = builder.id AND state = {States.Building} AND lease_expires > $NOW))
            ORDER BY name
            """,
            row => row.Text(0),
            ("timeout", timeout)
        );
        if (running.Count > 0)
            throw new RefusalException(
                $"builders run: {string.Join(", ", running)}. Stop all daemons of the farm; a builder that was killed counts as running "
                    + $"for {timeout.TotalMinutes:0.#} minutes"
            );
    }

    /// <summary>Nobody else fills it either, until the end.</summary>
    private static async Task RequireEmptyAsync(Statements target)
    {
        await target.ExecuteAsync("SET LOCAL lock_timeout = '10s'");
        await target.ExecuteAsync($"LOCK TABLE {string.Join(", ", CopiedTable.Names)} IN SHARE ROW EXCLUSIVE MODE");
        await target.ExecuteAsync(RemoveFirstAccount);
        foreach (var name in CopiedTable.Names)
            if (await target.NumberAsync($"SELECT 1 FROM {name} LIMIT 1") is not null)
                throw new RefusalException(
                    $"the target is not empty: table {name} has rows. Copy to a new database, with the tables that `pkgforge initserver` makes"
                );
    }

    /// <summary>Numbers go on where they were in the source, over those of rows that were deleted.</summary>
    private static async Task CountOnAsync(CopiedTable table, Statements source, Statements target)
    {
        if (table.Identity is not { } column)
            return;
        var last = await source.NumberAsync("SELECT seq FROM sqlite_sequence WHERE name = @name", ("name", table.Name));
        if (last is > 0)
            await target.NumberAsync(
                "SELECT setval(pg_get_serial_sequence(@name, @column), @last)",
                ("name", table.Name),
                ("column", column),
                ("last", last)
            );
    }

    private sealed class RefusalException(string message) : Exception(message);
}
