namespace PkgForge.Registry.Sql;

/// <summary>What builders' machines prove themselves with. Only digests are ever here.</summary>
internal abstract partial class SqlRegistry
{
    public Task<bool> AddEnrolmentAsync(string builder, string sha256, TimeSpan valid, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
            {
                await sql.ExecuteAsync(
                    $"{EndTokens} AND kind = 'enrolment' AND sha256 <> @sha256",
                    ("builder", builder),
                    ("sha256", sha256)
                );
                return await sql.ExecuteAsync(
                        """
                        INSERT INTO token (sha256, kind, builder, created, expires)
                        SELECT @sha256, 'enrolment', id, $NOW, $NOW + @valid FROM builder WHERE name = @builder
                        ON CONFLICT (sha256) DO UPDATE SET expires = excluded.expires
                        """,
                        ("sha256", sha256),
                        ("builder", builder),
                        ("valid", valid)
                    ) == 1;
            },
            InDoubt.Repeat,
            cancel
        );

    public Task<TokenHolder?> EnrolAsync(string codeSha256, string tokenSha256, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
            {
                // Asked again, because the answer to the first time was lost.
                if (await FindAsync(sql, tokenSha256, "builder") is { } done)
                    return done;
                var builder = await sql.QueryAsync(
                    """
                    UPDATE token SET ended = $NOW
                    WHERE sha256 = @sha256 AND kind = 'enrolment' AND ended IS NULL AND expires > $NOW
                    RETURNING (SELECT builder.name FROM builder WHERE builder.id = token.builder)
                    """,
                    row => row.Text(0),
                    ("sha256", codeSha256)
                );
                if (builder is not [var name])
                    return null;
                await sql.ExecuteAsync(EndTokens, ("builder", name));
                await sql.ExecuteAsync(
                    """
                    INSERT INTO token (sha256, kind, builder, created)
                    SELECT @sha256, 'builder', id, $NOW FROM builder WHERE name = @builder
                    """,
                    ("sha256", tokenSha256),
                    ("builder", name)
                );
                sql.Wake(Topic.Requests(name));
                return await FindAsync(sql, tokenSha256, "builder");
            },
            InDoubt.Repeat,
            cancel
        );

    public Task<TokenHolder?> FindTokenAsync(string sha256, CancellationToken cancel) =>
        StatementAsync(sql => FindAsync(sql, sha256, "builder"), cancel);

    public Task<int?> RevokeTokensAsync(string builder, CancellationToken cancel) =>
        WriteAsync<int?>(
            async sql =>
            {
                if (await sql.NumberAsync("SELECT id FROM builder WHERE name = @name", ("name", builder)) is null)
                    return null;
                sql.Wake(Topic.Requests(builder));
                return await sql.ExecuteAsync(EndTokens, ("builder", builder));
            },
            InDoubt.Repeat,
            cancel
        );

    private const string EndTokens = """
        UPDATE token SET ended = $NOW
        WHERE builder = (SELECT id FROM builder WHERE name = @builder) AND ended IS NULL
        """;

    private static async Task<TokenHolder?> FindAsync(Statements sql, string sha256, string kind) =>
        await sql.QueryAsync(
            """
            SELECT builder.name, platform.name, platform.architecture,
                   token.expires IS NOT NULL AND token.expires <= $NOW, token.ended IS NOT NULL
            FROM token
            JOIN builder ON builder.id = token.builder
            JOIN platform ON platform.id = builder.platform
            WHERE token.sha256 = @sha256 AND token.kind = @kind
            """,
            row => new TokenHolder(row.Text(0), row.Key(1), row.Flag(3), row.Flag(4)),
            ("sha256", sha256),
            ("kind", kind)
        )
            is [var holder]
            ? holder
            : null;
}
