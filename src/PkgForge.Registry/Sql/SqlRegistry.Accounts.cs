namespace PkgForge.Registry.Sql;

/// <summary>Who may use the farm over HTTP, and what they did. Of secrets only digests are ever here.</summary>
internal abstract partial class SqlRegistry
{
    private const string AccountOf = "(SELECT id FROM account WHERE name = @account)";

    /// <summary>An account has so many sessions: who logs in without end ends his own.</summary>
    private const int MostSessions = 50;

    private const string EldestSessions = $"""
        DELETE FROM credential WHERE account = {AccountOf} AND kind = 'session' AND sha256 NOT IN (
            SELECT sha256 FROM credential WHERE account = {AccountOf} AND kind = 'session' ORDER BY created DESC, sha256 LIMIT @most)
        """;

    public Task<bool> AddAccountAsync(string name, AccountRole role, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
                await sql.ExecuteAsync(
                    "INSERT INTO account (name, role, created) VALUES (@account, @role, $NOW) ON CONFLICT (name) DO NOTHING",
                    ("account", name),
                    ("role", (int)role)
                ) == 1,
            InDoubt.Tell,
            cancel
        );

    public Task<bool> SetRoleAsync(string account, AccountRole role, CancellationToken cancel) =>
        ChangeAccountAsync(account, "UPDATE account SET role = @value WHERE id = @id", (int)role, cancel);

    public Task<bool> RemoveAccountAsync(string account, CancellationToken cancel) =>
        ChangeAccountAsync(account, "DELETE FROM account WHERE id = @id", null, cancel);

    public Task<bool> SetMaintainerAsync(string account, string bucket, bool maintains, CancellationToken cancel) =>
        ChangeAccountAsync(
            account,
            maintains
                ? "INSERT INTO maintainer (account, bucket) VALUES (@id, @value) ON CONFLICT (account, bucket) DO NOTHING"
                : "DELETE FROM maintainer WHERE account = @id AND bucket = @value",
            bucket,
            cancel
        );

    public Task<bool> MaintainsAsync(string account, string bucket, CancellationToken cancel) =>
        ReadAsync(
            async sql =>
                (
                    await sql.QueryAsync(
                        """
                        SELECT name FROM account WHERE name = @account AND (role = @admin OR role >= @submitter AND EXISTS (
                            SELECT 1 FROM maintainer WHERE maintainer.account = account.id AND maintainer.bucket = @bucket))
                        """,
                        row => row.Text(0),
                        ("account", account),
                        ("bucket", bucket),
                        ("admin", (int)AccountRole.Admin),
                        ("submitter", (int)AccountRole.Submitter)
                    )
                ).Count == 1,
            cancel
        );

    public Task<IReadOnlyList<FarmAccount>> ListAccountsAsync(CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<FarmAccount>>(
            async sql =>
            {
                var buckets = (
                    await sql.QueryAsync(
                        "SELECT account, bucket FROM maintainer ORDER BY bucket",
                        row => (Account: row.Long(0), Bucket: row.Text(1))
                    )
                ).ToLookup(row => row.Account, row => row.Bucket);
                var tokens = (
                    await sql.QueryAsync(
                        "SELECT account, label, writes, created, expires FROM credential WHERE kind = 'token' AND expires > $NOW ORDER BY created",
                        row =>
                            (
                                Account: row.Long(0),
                                Token: new AccountToken(row.Text(1), row.Flag(2), row.Time(3), row.Time(4))
                            )
                    )
                ).ToLookup(row => row.Account, row => row.Token);
                return await sql.QueryAsync(
                    "SELECT id, name, role, created FROM account ORDER BY name",
                    row => new FarmAccount(
                        row.Text(1),
                        (AccountRole)row.Int(2),
                        row.Time(3),
                        [.. buckets[row.Long(0)]],
                        [.. tokens[row.Long(0)]]
                    )
                );
            },
            cancel
        );

    public Task<bool> AddCredentialAsync(string account, NewCredential credential, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
            {
                // What has expired goes with the next that comes: nothing here grows with history.
                await sql.ExecuteAsync("DELETE FROM credential WHERE expires <= $NOW");
                if (!credential.Session)
                    await sql.ExecuteAsync(
                        $"DELETE FROM credential WHERE account = {AccountOf} AND kind = 'token' AND label = @label AND sha256 <> @sha256",
                        ("account", account),
                        ("label", credential.Label),
                        ("sha256", credential.Sha256)
                    );
                else
                    await sql.ExecuteAsync(EldestSessions, ("account", account), ("most", MostSessions - 1));
                return await sql.ExecuteAsync(
                        """
                        INSERT INTO credential (sha256, account, kind, label, writes, created, expires)
                        SELECT @sha256, id, @kind, @label, @writes, $NOW, $NOW + @valid FROM account WHERE name = @account
                        ON CONFLICT (sha256) DO UPDATE SET expires = excluded.expires
                        """,
                        ("sha256", credential.Sha256),
                        ("kind", credential.Session ? "session" : "token"),
                        ("label", credential.Label),
                        ("writes", credential.Writes),
                        ("valid", credential.Valid),
                        ("account", account)
                    ) == 1;
            },
            InDoubt.Repeat,
            cancel
        );

    public Task<CredentialHolder?> FindCredentialAsync(string sha256, CancellationToken cancel) =>
        ReadAsync(
            async sql =>
            {
                var found = await sql.QueryAsync(
                    """
                    SELECT account.id, account.name, account.role, credential.kind, credential.writes
                    FROM credential JOIN account ON account.id = credential.account
                    WHERE credential.sha256 = @sha256 AND credential.expires > $NOW
                    """,
                    row =>
                        (
                            Id: row.Long(0),
                            Holder: new CredentialHolder(
                                row.Text(1),
                                (AccountRole)row.Int(2),
                                [],
                                row.Text(3) == "session",
                                row.Flag(4)
                            )
                        ),
                    ("sha256", sha256)
                );
                if (found is not [var (id, holder)])
                    return null;
                var buckets = await sql.QueryAsync(
                    "SELECT bucket FROM maintainer WHERE account = @id ORDER BY bucket",
                    row => row.Text(0),
                    ("id", id)
                );
                return holder with { Buckets = buckets };
            },
            cancel
        );

    public Task<bool> EndCredentialAsync(string sha256, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
                await sql.ExecuteAsync("DELETE FROM credential WHERE sha256 = @sha256", ("sha256", sha256)) == 1,
            InDoubt.Repeat,
            cancel
        );

    public Task<int?> EndCredentialsAsync(string account, string? label, CancellationToken cancel) =>
        WriteAsync<int?>(
            async sql =>
                await sql.NumberAsync("SELECT id FROM account WHERE name = @account", ("account", account))
                    is not { } id
                    ? null
                    : await sql.ExecuteAsync(
                        label is null
                            ? "DELETE FROM credential WHERE account = @id"
                            : "DELETE FROM credential WHERE account = @id AND kind = 'token' AND label = @label",
                        ("id", id),
                        ("label", label ?? "")
                    ),
            InDoubt.Repeat,
            cancel
        );

    public Task AddAuditAsync(string account, string action, string subject, CancellationToken cancel) =>
        WriteAsync(
            sql =>
                sql.ExecuteAsync(
                    "INSERT INTO audit (at, account, action, subject) VALUES ($NOW, @account, @action, @subject)",
                    ("account", account),
                    ("action", action),
                    ("subject", subject)
                ),
            InDoubt.Tell,
            cancel
        );

    public Task<IReadOnlyList<AuditEntry>> ListAuditAsync(long? before, int atMost, CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<AuditEntry>>(
            async sql =>
                await sql.QueryAsync(
                    "SELECT id, at, account, action, subject FROM audit WHERE id < @before ORDER BY id DESC LIMIT @limit",
                    row => new AuditEntry(row.Long(0), row.Time(1), row.Text(2), row.Text(3), row.Text(4)),
                    ("before", before ?? long.MaxValue),
                    ("limit", atMost)
                ),
            cancel
        );

    private Task<bool> ChangeAccountAsync(string account, string statement, object? value, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
            {
                if (
                    await sql.NumberAsync("SELECT id FROM account WHERE name = @account", ("account", account))
                    is not { } id
                )
                    return false;
                (string, object?)[] values = value is null ? [("id", id)] : [("id", id), ("value", value)];
                await sql.ExecuteAsync(statement, values);
                return true;
            },
            InDoubt.Repeat,
            cancel
        );
}
