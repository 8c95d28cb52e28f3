using System.Globalization;
using System.Text;
using Npgsql;
using PkgForge.Registry.Copying;

namespace PkgForge.Tests.Registry;

/// <summary>
/// All rows of a registry in PostgreSQL as text, to be compared with those of another run. Points in time, sessions (which count on from a time)
/// and what was used (which grows with time) are only there or not there. Numbers of rows are places in their order: a transaction that was
/// rolled back leaves a gap.
/// </summary>
internal sealed class RegistryDump(string connectionString)
{
    private static readonly string[] Varying = ["session", "used"];

    /// <summary>Columns that hold numbers of rows, by name, and the tables and columns of those rows.</summary>
    private static readonly Dictionary<string, (string Table, string Column)> Numbers = new()
    {
        ["job"] = ("job", "number"),
        ["after"] = ("job", "number"),
        ["platform"] = ("platform", "id"),
        ["lane"] = ("lane", "id"),
        ["builder"] = ("builder", "id"),
        ["submitter"] = ("submitter", "id"),
        ["package"] = ("package", "id"),
        ["task"] = ("task", "id"),
        ["first_id"] = ("task", "id"),
    };

    private List<string>? queries;

    public async Task<string> ReadAsync(CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancel);
        queries ??= await QueriesAsync(connection, cancel);
        await using var command = new NpgsqlCommand(string.Join(" UNION ALL ", queries) + " ORDER BY 1", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var text = new StringBuilder();
        while (await reader.ReadAsync(cancel))
            text.Append(CultureInfo.InvariantCulture, $"{reader.GetString(0)}\n");
        return text.ToString();
    }

    /// <summary>Empties all tables. Mails are numbered from 1 again.</summary>
    public async Task EmptyAsync(CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancel);
        // TRUNCATE makes each table's files anew, and takes ten times as long.
        var deletes = CopiedTable.Names.Reverse().Select(table => $"DELETE FROM {table}");
        await using var command = new NpgsqlCommand(
            $"{string.Join("; ", deletes)}; SELECT setval(pg_get_serial_sequence('outbox', 'id'), 1, false)",
            connection
        );
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<List<string>> QueriesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name NOT IN ('state', 'migration')
            ORDER BY table_name, ordinal_position
            """,
            connection
        );
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var columns = new List<(string Table, string Value)>();
        while (await reader.ReadAsync(cancel))
        {
            var (table, column, type) = (reader.GetString(0), reader.GetString(1), reader.GetString(2));
            columns.Add((table, $"'{column}=' || coalesce({Value(table, column, type)}, 'none')"));
        }
        return
        [
            .. columns
                .GroupBy(column => column.Table, column => column.Value)
                .Select(table =>
                    $"SELECT '{table.Key}: ' || concat_ws(' | ', {string.Join(", ", table)}) FROM {table.Key}"
                ),
        ];
    }

    private static string Value(string table, string column, string type)
    {
        if (type == "timestamp with time zone" || Varying.Contains(column))
            return $"CASE WHEN {table}.{column} IS NOT NULL THEN 'some' END";
        var rows =
            column == "id" || (table, column) == ("job", "number") ? (table, column)
            : Numbers.TryGetValue(column, out var other) ? other
            : default;
        return type == "bigint" && rows.Item1 is not null
            ? $"CASE WHEN {table}.{column} > 0 THEN (SELECT count(*) FROM {rows.Item1} AS r WHERE r.{rows.Item2} <= {table}.{column})::text END"
            : $"{table}.{column}::text";
    }
}
