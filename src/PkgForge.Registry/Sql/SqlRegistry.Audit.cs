namespace PkgForge.Registry.Sql;

/// <summary>What people have done over HTTP, page by page.</summary>
internal abstract partial class SqlRegistry
{
    /// <summary>A page looks at no more entries: whoever asks for what is rare goes on page by page, and no page takes longer with a longer history.</summary>
    private const int MostSeen = 20_000;

    public Task<AuditPage> FindAuditAsync(AuditQuery query, CancellationToken cancel) =>
        ReadAsync(
            async sql =>
            {
                (string, object?)[] window = [("before", query.Before ?? long.MaxValue), ("seen", MostSeen)];
                var entries = await sql.QueryAsync(
                    $"""
                    SELECT id, at, account, action, subject FROM ({Seen("id, at, account, action, subject")}) AS seen
                    WHERE {Conditions(query)} ORDER BY id DESC LIMIT @limit
                    """,
                    row => new AuditEntry(row.Long(0), row.Time(1), row.Text(2), row.Text(3), row.Text(4)),
                    [.. window, .. Values(query)]
                );
                if (entries.Count == query.AtMost)
                    return new(entries, entries[^1].Number);
                // The last entry that was looked at, where there may be more behind it.
                var last = await sql.NumberAsync(
                    $"{Seen("id")} OFFSET @skipped",
                    [.. window, ("skipped", MostSeen - 1)]
                );
                return new AuditPage(entries, last);
            },
            cancel
        );

    private static string Seen(string columns) =>
        $"SELECT {columns} FROM audit WHERE id < @before ORDER BY id DESC LIMIT @seen";

    private static string Conditions(AuditQuery query)
    {
        List<string> conditions = ["1 = 1"];
        if (query.Account is not null)
            conditions.Add("account = @account");
        if (query.Action is not null)
            conditions.Add("action = @action");
        if (query.Subject is not null)
            conditions.Add("substr(subject, 1, length(@subject)) = @subject");
        return string.Join(" AND ", conditions);
    }

    private static IEnumerable<(string, object?)> Values(AuditQuery query)
    {
        yield return ("limit", query.AtMost);
        if (query.Account is { } account)
            yield return ("account", account);
        if (query.Action is { } action)
            yield return ("action", action);
        if (query.Subject is { } subject)
            yield return ("subject", subject);
    }
}
