using System.Data.Common;

namespace PkgForge.Registry.Sql;

/// <summary>What to do when the connection breaks during the commit, so that nobody knows whether it happened.</summary>
internal enum InDoubt
{
    /// <summary>Do it again: the work finds what it has done already, or does no harm twice.</summary>
    Repeat,

    /// <summary>Tell the caller: a second run would answer wrongly (it would say "was there already" of its own work).</summary>
    Tell,
}

/// <summary>
/// The registry in SQL. This class holds the statements, which both databases share; the heirs hold connections,
/// transactions, retries, the mapping of errors, and wake-ups.
/// <para>
/// Rows are locked in one order, so that no two transactions wait for each other: builder, then tasks by id, then lanes, submitters, then jobs
/// by number. A job's row is locked before its tasks' states are read for <see cref="DeriveJobsAsync"/>, so that of two tasks which end at once
/// the later one sees both.
/// </para>
/// </summary>
internal abstract partial class SqlRegistry(RegistryOptions options, TimeProvider clock) : IRegistry
{
    protected RegistryOptions Options { get; } = options;

    protected TimeProvider Clock { get; } = clock;

    /// <summary>The dialect's folder of migrations.</summary>
    protected abstract string Folder { get; }

    /// <summary>Which database this is, for messages; without a password.</summary>
    protected abstract string Place { get; }

    /// <summary>Runs queries that see one state of the database.</summary>
    protected abstract Task<T> ReadAsync<T>(Func<Statements, Task<T>> work, CancellationToken cancel);

    /// <summary>
    /// Runs work in one transaction, repeats it when the database was busy or was lost before the commit, and wakes
    /// the builders that the work named, after the commit.
    /// </summary>
    protected abstract Task<T> WriteAsync<T>(Func<Statements, Task<T>> work, InDoubt inDoubt, CancellationToken cancel);

    /// <summary>Runs one statement that is a transaction of its own, and again when the database was lost: it must be safe to repeat.</summary>
    protected abstract Task<T> StatementAsync<T>(Func<Statements, Task<T>> work, CancellationToken cancel);

    /// <summary>A statement was refused because it would have made a second row of what there may be one.</summary>
    protected abstract bool IsDuplicate(DbException e);

    /// <summary>Makes one migration at a time run on this database, until the transaction ends.</summary>
    protected abstract Task LockMigrationsAsync(Statements sql);

    public abstract Task<RolesOutcome?> MakeRolesAsync(CancellationToken cancel);

    public abstract Task<IWakeUp> ListenAsync(Topic topic, CancellationToken cancel);

    public abstract ValueTask DisposeAsync();
}
