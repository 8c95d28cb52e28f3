using System.Text.Json;

namespace PkgForge.Registry.Sql;

/// <summary>Looks for rows that contradict each other, and lists what the spool must hold.</summary>
internal abstract partial class SqlRegistry
{
    /// <summary>More sentences than this help nobody.</summary>
    private const int MostFindings = 1000;

    /// <summary>So many rows are read at a time where the program has to look at each.</summary>
    private const int CheckedAtOnce = 500;

    /// <summary>All queries see one state of the database: what is being changed meanwhile is no contradiction.</summary>
    public Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancel) =>
        ReadAsync(FindContradictionsAsync, cancel);

    /// <summary>The check within a transaction that is open already.</summary>
    internal static async Task<IReadOnlyList<string>> FindContradictionsAsync(Statements sql)
    {
        var findings = new List<string>();
        foreach (var query in Invariants.Queries)
            findings.AddRange(
                await sql.QueryAsync(query, row => row.Text(0), ("limit", MostFindings - findings.Count))
            );
        await ReadTextsAsync(sql, OutboxTexts, findings, ReadMail);
        await ReadTextsAsync(sql, JobTexts, findings, row => Json.List(row.Text(2)));
        return findings;
    }

    public Task<IReadOnlyList<KeptJob>> ListKeptAsync(long after, int atMost, CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<KeptJob>>(
            async sql =>
            {
                var jobs = await sql.QueryAsync(
                    $"""
                    SELECT number, id, manifest_sha256, ended IS NOT NULL FROM job
                    WHERE number > @after AND state <> {States.Invalid} ORDER BY number LIMIT @limit
                    """,
                    row => new KeptJob(row.Long(0), row.Id(1), row.Text(2), row.Flag(3), []),
                    ("after", after),
                    ("limit", Math.Clamp(atMost, 1, 1000))
                );
                return jobs is [var first, .., var last] ? await WithProductsAsync(sql, jobs, first.Number, last.Number)
                    : jobs is [var only] ? await WithProductsAsync(sql, jobs, only.Number, only.Number)
                    : jobs;
            },
            cancel
        );

    private static async Task<IReadOnlyList<KeptJob>> WithProductsAsync(
        Statements sql,
        List<KeptJob> jobs,
        long first,
        long last
    )
    {
        var products = (
            await sql.QueryAsync(
                """
                SELECT task.job, platform.name, platform.architecture, task.lease, file_name, size, sha256
                FROM task JOIN platform ON platform.id = task.platform JOIN product ON product.task = task.id
                WHERE task.job BETWEEN @first AND @last
                ORDER BY task.id, file_name
                """,
                row =>
                    (
                        Job: row.Long(0),
                        Kept: new KeptProduct(row.Key(1), row.Int(3), new(row.Text(4), row.Long(5), row.Text(6)))
                    ),
                ("first", first),
                ("last", last)
            )
        ).ToLookup(row => row.Job, row => row.Kept);
        return [.. jobs.Select(job => job with { Products = [.. products[job.Number]] })];
    }

    private const string OutboxTexts = """
        SELECT id, 'mail ' || id || ' in the outbox', recipients, headers FROM outbox WHERE id > @after ORDER BY id LIMIT @limit
        """;

    private const string JobTexts = """
        SELECT number, 'job ' || id, sources FROM job WHERE number > @after ORDER BY number LIMIT @limit
        """;

    private static void ReadMail(Row row)
    {
        Json.List(row.Text(2));
        Json.Map(row.Text(3));
    }

    /// <summary>Reads the JSON of a table's rows, which no query can judge: it must be what the program can read.</summary>
    private static async Task ReadTextsAsync(Statements sql, string query, List<string> findings, Action<Row> read)
    {
        List<(long Key, string? Finding)> rows;
        var last = 0L;
        do
        {
            rows = await sql.QueryAsync(
                query,
                row => (row.Long(0), Judge(row, read)),
                ("after", last),
                ("limit", CheckedAtOnce)
            );
            findings.AddRange(rows.Select(row => row.Finding).OfType<string>().Take(MostFindings - findings.Count));
            last = rows is [.., var end] ? end.Key : last;
        } while (rows.Count == CheckedAtOnce && findings.Count < MostFindings);
    }

    private static string? Judge(Row row, Action<Row> read)
    {
        try
        {
            read(row);
            return null;
        }
        catch (JsonException)
        {
            return $"{row.Text(1)} holds a list that cannot be read";
        }
    }
}
