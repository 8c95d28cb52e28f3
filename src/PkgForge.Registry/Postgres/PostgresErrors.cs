using System.Net.Sockets;
using Npgsql;

namespace PkgForge.Registry.Postgres;

/// <summary>What PostgreSQL's errors mean to the farm, with what to do. No message holds a password.</summary>
internal static class PostgresErrors
{
    /// <summary>idle_in_transaction_session_timeout: nothing was heard of the transaction for too long. Npgsql has no name for it.</summary>
    private const string IdleTransaction = "25P03";

    /// <summary>The transaction was rolled back for the sake of others: the same again may succeed.</summary>
    public static bool IsConflict(NpgsqlException e) =>
        e
            is PostgresException
            {
                SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
            };

    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    private const string IdleInTransactionTimeout = "25P03";
    private const string IdleSessionTimeout = "57P05";

    /// <summary>
    /// The server is away, is starting or stopping, broke the connection off, has no room, or is a standby that will take over or be left: it
    /// may come back.
    /// </summary>
    public static bool IsLost(NpgsqlException e) =>
        e is PostgresException server
            ? server.SqlState.StartsWith("08", StringComparison.Ordinal)
                || server.SqlState
                    is PostgresErrorCodes.AdminShutdown
                        or PostgresErrorCodes.CrashShutdown
                        or PostgresErrorCodes.CannotConnectNow
                        or IdleTransaction
                        or PostgresErrorCodes.TooManyConnections
                        or PostgresErrorCodes.ReadOnlySqlTransaction
                        or IdleInTransactionTimeout
                        or IdleSessionTimeout
            : e.InnerException is IOException or SocketException or TimeoutException || e.IsTransient;

    /// <summary>The registry's own exception; null for an error that is a fault of the statement or of its data.</summary>
    public static Exception? Map(NpgsqlException e, string place) =>
        e switch
        {
            PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn } =>
                new RegistrySchemaException(
                    $"the registry at {place} is not set up for this program: run `pkgforge initserver`",
                    e
                ),
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => Unavailable(
                "there is no such database: make it with createdb, then run `pkgforge initserver`",
                place,
                e
            ),
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused =>
                new UnauthorizedAccessException(
                    $"the registry at {place}: this database user may not do that ({refused.MessageText}): use the one that "
                        + "docs/admin/postgresql.md names for this command, or make this one a member of that role",
                    e
                ),
            PostgresException { SqlState: ['2', '8', ..] } => Unavailable(
                "the server refuses the user: look at user, password and pg_hba.conf",
                place,
                e
            ),
            PostgresException { SqlState: PostgresErrorCodes.DiskFull } => Unavailable(
                "the server's disk is full",
                place,
                e
            ),
            PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => Unavailable(
                "it takes no changes: is it a standby, or is default_transaction_read_only set?",
                place,
                e
            ),
            _ when IsConflict(e) || IsLost(e) => Unavailable(
                "it does not answer: is the server running, and are host and port right?",
                place,
                e
            ),
            PostgresException => null,
            _ => Unavailable("the connection failed: look at the connection's keywords", place, e),
        };

    private static RegistryUnavailableException Unavailable(string what, string place, NpgsqlException e) =>
        new($"the registry at {place}: {what} ({(e as PostgresException)?.MessageText ?? e.Message})", e);
}
