namespace PkgForge.Registry.Sql;

/// <summary>People whom a provider of identities knows, and what an account's owner sees of its credentials.</summary>
internal abstract partial class SqlRegistry
{
    public Task<IdentityEntry> EnterAsync(
        ProvenIdentity identity,
        AccountRole? role,
        AccountRole? newAs,
        CancellationToken cancel
    ) =>
        WriteAsync(
            async sql =>
            {
                var entry = await BoundAsync(sql, identity) ?? await BindAsync(sql, identity, role ?? newAs, newAs);
                if (entry.Outcome == IdentityOutcome.Entered && role is { } given)
                    await sql.ExecuteAsync(
                        "UPDATE account SET role = @role WHERE name = @account AND role <> @role",
                        ("role", (int)given),
                        ("account", entry.Account)
                    );
                return entry;
            },
            InDoubt.Repeat,
            cancel
        );

    public Task<bool> ForgetIdentitiesAsync(string account, CancellationToken cancel) =>
        ChangeAccountAsync(account, "DELETE FROM identity WHERE account = @id", null, cancel);

    public Task<IReadOnlyList<AccountCredential>> ListCredentialsAsync(string account, CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<AccountCredential>>(
            async sql =>
                await sql.QueryAsync(
                    $"""
                    SELECT sha256, kind, label, writes, created, expires FROM credential
                    WHERE account = {AccountOf} AND expires > $NOW ORDER BY created DESC, sha256
                    """,
                    row => new AccountCredential(
                        row.Text(0),
                        row.Text(1) == "session",
                        row.Text(2),
                        row.Flag(3),
                        row.Time(4),
                        row.Time(5)
                    ),
                    ("account", account)
                ),
            cancel
        );

    public Task<bool> EndOwnCredentialAsync(string account, string sha256, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
                await sql.ExecuteAsync(
                    $"DELETE FROM credential WHERE sha256 = @sha256 AND account = {AccountOf}",
                    ("sha256", sha256),
                    ("account", account)
                ) == 1,
            InDoubt.Repeat,
            cancel
        );

    private static async Task<IdentityEntry?> BoundAsync(Statements sql, ProvenIdentity identity) =>
        await sql.QueryAsync(
            """
            SELECT account.name FROM identity JOIN account ON account.id = identity.account
            WHERE identity.issuer = @issuer AND identity.subject = @subject
            """,
            row => row.Text(0),
            ("issuer", identity.Issuer),
            ("subject", identity.Subject)
        )
            is [var name]
            ? new(IdentityOutcome.Entered, name)
            : null;

    /// <summary>The first log-in: the account of the name that the provider says, unless it is somebody else's there.</summary>
    private static async Task<IdentityEntry> BindAsync(
        Statements sql,
        ProvenIdentity identity,
        AccountRole? role,
        AccountRole? newAs
    )
    {
        if (newAs is not null)
            await sql.ExecuteAsync(
                "INSERT INTO account (name, role, created) VALUES (@account, @role, $NOW) ON CONFLICT (name) DO NOTHING",
                ("account", identity.Name),
                ("role", (int)role!)
            );
        if (
            await sql.NumberAsync("SELECT id FROM account WHERE name = @account", ("account", identity.Name))
            is not { } id
        )
            return new(IdentityOutcome.NoAccount, identity.Name);
        // Somebody's who was called so before, or another log-in's of this moment.
        var bound = await sql.ExecuteAsync(
            """
            INSERT INTO identity (issuer, subject, account, created) VALUES (@issuer, @subject, @id, $NOW)
            ON CONFLICT DO NOTHING
            """,
            ("issuer", identity.Issuer),
            ("subject", identity.Subject),
            ("id", id)
        );
        return new(bound == 1 ? IdentityOutcome.Entered : IdentityOutcome.OtherIdentity, identity.Name);
    }
}
