using System.Data.Common;
using Npgsql;
using PkgForge.Platforms;
using PkgForge.Registry.Sql;
using PkgForge.Spool;

namespace PkgForge.Registry.Postgres;

/// <summary>The registry in a PostgreSQL server, for farms of many machines.</summary>
internal sealed class PostgresRegistry : SqlRegistry
{
    /// <summary>Any number that other users of the database do not lock: the bytes of "pkgforge".</summary>
    private const string MigrationLock = "SELECT pg_advisory_xact_lock(8101823095364740965)";

    private static readonly PostgresDialect Dialect = new();

    private readonly NpgsqlDataSource source;
    private readonly PostgresRetry retry;
    private readonly PostgresDoubt doubt;
    private readonly PostgresListener listener;

    private PostgresRegistry(NpgsqlConnectionStringBuilder text, RegistryOptions options, TimeProvider clock)
        : base(options, clock)
    {
        Place = $"postgres:{text.Database ?? text.Username} on {text.Host}";
        source = new NpgsqlDataSourceBuilder(text.ToString()).Build();
        retry = new(Place, options.Timeout, clock);
        doubt = new(source, options.Timeout, clock);
        // The listening connection is its own. It sends nothing, so over a network the kernel must find out when the other
        // side is gone. (A socket in a directory knows, and takes no such setting.)
        text.Pooling = false;
        if (!text.Host!.StartsWith('/'))
        {
            text.TcpKeepAlive = true;
            text.TcpKeepAliveTime = 30;
            text.TcpKeepAliveInterval = 10;
        }
        listener = new(text.ToString(), clock);
    }

    protected override string Folder => "Postgres";

    protected override string Place { get; }

    /// <exception cref="ArgumentException">The keywords are not Npgsql's, or no host is named.</exception>
    public static PostgresRegistry Open(string text, RegistryOptions options, TimeProvider clock)
    {
        var seconds = (int)Math.Clamp(Math.Ceiling(options.Timeout.TotalSeconds), 1, int.MaxValue);
        // Defaults come first: what the configuration says stands.
        var builder = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = "pkgforge",
            // A connection that hangs does not use up the time in which another would come about.
            Timeout = Math.Clamp(seconds / 2, 1, 15),
            CommandTimeout = options.StatementTime is { } time ? Math.Max(0, (int)time.TotalSeconds) : seconds,
            MaxAutoPrepare = 50,
            // No statement leaves anything in its session, so there is nothing to undo between two uses of a connection.
            NoResetOnClose = true,
            IncludeErrorDetail = false,
        };
        if (!TryRead(text, builder))
            throw new ArgumentException(
                "the text after 'postgres:' is not a list of KEYWORD=VALUE with the keywords of Npgsql, separated by ';', "
                    + "e.g. postgres:Host=db;Database=pkgforge;Username=pkgforge_admin",
                nameof(text)
            );
        if (string.IsNullOrEmpty(builder.Host))
            throw new ArgumentException(
                "the registry's connection names no Host: add Host=NAME, or Host=DIRECTORY of the server's socket",
                nameof(text)
            );
        // Whoever is stopped, or cut off, in a transaction holds what it has locked: the server ends the transaction when nothing was heard of it for a
        // lease, so that what it held can go to another.
        builder.Options =
            $"-c idle_in_transaction_session_timeout={Math.Ceiling(options.Lease.TotalMilliseconds)} {builder.Options}".Trim();
        return new(builder, options, clock);
    }

    /// <summary>Reads the keywords. The driver's messages are dropped: they may repeat a value, and that may be the password.</summary>
    private static bool TryRead(string text, NpgsqlConnectionStringBuilder into)
    {
        try
        {
            var given = new NpgsqlConnectionStringBuilder(text);
            foreach (var key in given.Keys.OfType<string>())
                into[key] = given[key];
            return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException)
        {
            return false;
        }
    }

    public override Task<IWakeUp> ListenAsync(Topic topic, CancellationToken cancel) =>
        retry.RunAsync(() => listener.OpenAsync(topic, cancel), cancel);

    public override async ValueTask DisposeAsync()
    {
        await listener.DisposeAsync();
        await source.DisposeAsync();
    }

    public override async Task<IReadOnlyList<string>> MigrateAsync(CancellationToken cancel)
    {
        if (await ReadAsync(MayChangeSchemaAsync, cancel))
            return await base.MigrateAsync(cancel);
        // Somebody else owns the tables. That is well as long as there is nothing to do.
        await CheckSchemaAsync(cancel);
        return [];
    }

    /// <summary>Runs a long change in one transaction, once.</summary>
    internal async Task<T> FillAsync<T>(Func<NpgsqlConnection, Statements, Task<T>> work, CancellationToken cancel)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            var sql = new Statements(connection, transaction, Dialect, cancel);
            await sql.ExecuteAsync("SET LOCAL idle_in_transaction_session_timeout = 0");
            var result = await work(connection, sql);
            await transaction.CommitAsync(cancel);
            return result;
        }
        catch (NpgsqlException e) when (PostgresErrors.Map(e, Place) is not null)
        {
            throw PostgresErrors.Map(e, Place)!;
        }
    }

    public override Task<RolesOutcome?> MakeRolesAsync(CancellationToken cancel) =>
        retry.RunAsync<RolesOutcome?>(async () => await PostgresRoles.MakeAsync(source, cancel), cancel, source.Clear);

    protected override Task LockMigrationsAsync(Statements sql) => sql.ExecuteAsync(MigrationLock);

    protected override Task GrantAsync(Statements sql) => PostgresRoles.GrantAsync(sql);

    private static async Task<bool> MayChangeSchemaAsync(Statements sql) =>
        await sql.NumberAsync("SELECT 1 WHERE has_schema_privilege(current_schema(), 'CREATE')") is not null;

    protected override Task<T> ReadAsync<T>(Func<Statements, Task<T>> work, CancellationToken cancel) =>
        retry.RunAsync(
            async () =>
            {
                await using var connection = await source.OpenConnectionAsync(cancel);
                await using var transaction = await connection.BeginTransactionAsync(
                    System.Data.IsolationLevel.RepeatableRead,
                    cancel
                );
                return await work(new(connection, transaction, Dialect, cancel));
            },
            cancel,
            source.Clear
        );

    protected override Task<T> WriteAsync<T>(
        Func<Statements, Task<T>> work,
        InDoubt inDoubt,
        CancellationToken cancel
    ) => retry.RunAsync(() => TransactAsync(work, inDoubt, cancel), cancel, source.Clear);

    /// <summary>A statement outside a transaction is one: no BEGIN, no COMMIT, one answer.</summary>
    protected override Task<T> StatementAsync<T>(Func<Statements, Task<T>> work, CancellationToken cancel) =>
        retry.RunAsync(
            async () =>
            {
                await using var connection = await source.OpenConnectionAsync(cancel);
                FaultPoint.Reach(FaultPoints.RegistryAsked);
                var result = await work(new(connection, null, Dialect, cancel));
                FaultPoint.Reach(FaultPoints.RegistryAnswered);
                return result;
            },
            cancel,
            source.Clear
        );

    /// <summary>One statement for the order and the first lane's task: an idle builder that is woken asks once.</summary>
    protected override async Task<(IReadOnlyList<Lane> Lanes, ClaimedTask? Task)> OrderAsync(
        Statements sql,
        BuilderSession session
    )
    {
        var rows = await sql.QueryAsync(
            OrderAndTake,
            row => (Lane: ReadLane(row), Task: row.IsNull(5) ? null : ReadClaimed(row, 5, session)),
            Claim(session)
        );
        return ([.. rows.Select(row => row.Lane)], rows is [var first, ..] ? first.Task : null);
    }

    private const string OrderAndTake = $"""
        WITH {Order},
        taken AS (
            {Take}
            WHERE id = (
                SELECT (SELECT id FROM task
                        WHERE lane = lanes.id AND (rank, id) >= (lanes.first_rank, lanes.first_id) AND {MayTake}
                        ORDER BY rank, id LIMIT 1 $SKIP_LOCKED)
                FROM lanes WHERE place = 1 AND NOT capped)
            RETURNING {Taken})
        SELECT lanes.*, taken.* FROM lanes LEFT JOIN taken ON true ORDER BY lanes.place
        """;

    // The second is a claim's that read its builder's turn just before it moved on.
    protected override bool IsDuplicate(DbException e) =>
        e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation;

    private async Task<T> TransactAsync<T>(Func<Statements, Task<T>> work, InDoubt inDoubt, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var sql = new Statements(connection, transaction, Dialect, cancel);
        FaultPoint.Reach(FaultPoints.RegistryBegan);
        var result = await work(sql);
        if (sql.Woken.Count > 0)
            await PostgresListener.NotifyAsync(sql, sql.Woken);
        var note = inDoubt == InDoubt.Tell ? await PostgresDoubt.NoteAsync(sql) : null;
        FaultPoint.Reach(FaultPoints.RegistryWorked);
        try
        {
            // Not to be broken off: a commit that was sent may have happened.
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (NpgsqlException e) when (note is not null && PostgresErrors.IsLost(e))
        {
            switch (await doubt.AskAsync(note, cancel))
            {
                case true:
                    return result;
                case false:
                    throw;
                case null:
                    throw new RegistryUnavailableException(
                        $"the registry at {Place} broke off during a change: see whether it has happened, and if not, do it again",
                        e
                    );
            }
        }
        FaultPoint.Reach(FaultPoints.RegistryCommitted);
        return result;
    }
}
