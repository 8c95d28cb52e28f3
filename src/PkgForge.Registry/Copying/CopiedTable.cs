using Npgsql;
using PkgForge.Registry.Sql;

namespace PkgForge.Registry.Copying;

/// <summary>A table, as the catalogue of the target describes it: a column that a migration adds is copied too.</summary>
internal sealed record CopiedTable(
    string Name,
    IReadOnlyList<CopiedColumn> Columns,
    IReadOnlyList<string> Key,
    string? Identity
)
{
    /// <summary>All tables that hold data, each after those that it refers to.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "platform",
        "submitter",
        "package",
        "cap",
        "builder",
        "token",
        "job",
        "job_after",
        "job_package",
        "lane",
        "task",
        "attempt",
        "product",
        "published",
        "refusal",
        "duration",
        "day_sum",
        "outbox",
        "account",
        "maintainer",
        "identity",
        "credential",
        "audit",
    ];

    /// <summary>All rows in the order of the primary key, which is the same in both databases: texts compare by their bytes.</summary>
    private string Query => $"SELECT {List(Columns.Select(c => c.Name))} FROM {Name} ORDER BY {List(Key)}";

    /// <summary>What the target's catalogue says of a table.</summary>
    public static async Task<CopiedTable> DescribeAsync(Statements target, string name)
    {
        var columns = await target.QueryAsync(
            """
            SELECT column_name::text, data_type::text, is_identity = 'YES' FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = @name ORDER BY ordinal_position
            """,
            row => (Column: new CopiedColumn(row.Text(0), row.Text(1)), Identity: row.Flag(2)),
            ("name", name)
        );
        var key = await target.QueryAsync(
            """
            SELECT attribute.attname::text
            FROM pg_index JOIN pg_attribute AS attribute ON attribute.attrelid = indrelid AND attribute.attnum = ANY (indkey)
            WHERE indrelid = to_regclass(@name) AND indisprimary
            ORDER BY array_position(indkey::int2[], attribute.attnum)
            """,
            row => row.Text(0),
            ("name", name)
        );
        return new(
            name,
            columns.ConvertAll(c => c.Column),
            key,
            columns.Where(c => c.Identity).Select(c => c.Column.Name).FirstOrDefault()
        );
    }

    /// <summary>Copies all rows, and digests what it read.</summary>
    public async Task<RowDigest> CopyAsync(Statements source, NpgsqlConnection target, CancellationToken cancel)
    {
        var digest = new RowDigest();
        var command = $"COPY {Name} ({List(Columns.Select(c => c.Name))}) FROM STDIN (FORMAT BINARY)";
        await using var import = await target.BeginBinaryImportAsync(command, cancel);
        import.Timeout = TimeSpan.Zero;
        await foreach (var row in source.StreamAsync(Query))
        {
            await import.StartRowAsync(cancel);
            for (var i = 0; i < Columns.Count; i++)
            {
                Columns[i].Add(row, i, digest);
                await Columns[i].WriteAsync(row, i, import, cancel);
            }
            digest.EndRow();
        }
        await import.CompleteAsync(cancel);
        return digest;
    }

    /// <summary>Digests all rows.</summary>
    public async Task<RowDigest> ReadAsync(Statements from)
    {
        var digest = new RowDigest();
        await foreach (var row in from.StreamAsync(Query))
        {
            for (var i = 0; i < Columns.Count; i++)
                Columns[i].Add(row, i, digest);
            digest.EndRow();
        }
        return digest;
    }

    private static string List(IEnumerable<string> names) => string.Join(", ", names);
}
