namespace PkgForge.Registry.Sql;

internal abstract partial class SqlRegistry
{
    public Task<IReadOnlyList<OutboxItem>> TakeMailAsync(int atMost, CancellationToken cancel) =>
        WriteAsync<IReadOnlyList<OutboxItem>>(
            async sql =>
            {
                var mails = await sql.QueryAsync(
                    // Not due again for 1, 2, 4 ... 32 minutes, then for an hour.
                    """
                    WITH taken AS MATERIALIZED (SELECT id FROM outbox WHERE due <= $NOW ORDER BY due, id LIMIT @limit $SKIP_LOCKED)
                    UPDATE outbox
                    SET tries = tries + 1, due = $NOW + CASE WHEN tries < 6 THEN @minute * (1 << tries) ELSE @hour END
                    WHERE id IN (SELECT id FROM taken)
                    RETURNING id, tries, recipients, subject, headers, body
                    """,
                    row => new OutboxItem(
                        row.Long(0),
                        row.Int(1),
                        new(Json.List(row.Text(2)), row.Text(3), Json.Map(row.Text(4)), row.Text(5))
                    ),
                    ("limit", atMost),
                    ("minute", TimeSpan.FromMinutes(1)),
                    ("hour", TimeSpan.FromHours(1))
                );
                return [.. mails.OrderBy(mail => mail.Id)];
            },
            InDoubt.Repeat,
            cancel
        );

    public Task RemoveMailAsync(long id, CancellationToken cancel) =>
        WriteAsync(sql => sql.ExecuteAsync("DELETE FROM outbox WHERE id = @id", ("id", id)), InDoubt.Repeat, cancel);

    /// <summary>Puts a mail into the outbox, due at once.</summary>
    private static async Task PostAsync(Statements sql, OutgoingMail? mail)
    {
        if (mail is null)
            return;
        await sql.ExecuteAsync(
            """
            INSERT INTO outbox (recipients, subject, headers, body, created, due)
            VALUES (@recipients, @subject, @headers, @body, $NOW, $NOW)
            """,
            ("recipients", Json.Write(mail.To)),
            ("subject", mail.Subject),
            ("headers", Json.Write(mail.Headers)),
            ("body", mail.Body)
        );
    }
}
