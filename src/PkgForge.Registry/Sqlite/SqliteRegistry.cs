using System.Data.Common;
using Microsoft.Data.Sqlite;
using PkgForge.Platforms;
using PkgForge.Registry.Sql;
using SQLitePCL;

namespace PkgForge.Registry.Sqlite;

/// <summary>
/// The registry in a file, for a farm on one machine. Many processes share it: transactions that write are short and begin <c>IMMEDIATE</c>;
/// those of one process queue here, those of several processes try again until <see cref="RegistryOptions.Timeout"/>.
/// </summary>
internal sealed class SqliteRegistry(string path, RegistryOptions options, TimeProvider clock)
    : SqlRegistry(options, clock)
{
    private static readonly SqliteDialect Dialect = new();

    private readonly SqliteConnections connections = new(path, options.Timeout);
    private readonly SemaphoreSlim writers = new(1, 1);
    private readonly WakeFile wakeFile = new($"{path}.wake", clock);

    protected override string Folder => "Sqlite";

    protected override string Place => path;

    public override async Task<IReadOnlyList<string>> MigrateAsync(CancellationToken cancel)
    {
        await RetryAsync(
            () =>
            {
                connections.Create();
                return Task.FromResult(true);
            },
            cancel
        );
        wakeFile.CreateFor(path);
        return await base.MigrateAsync(cancel);
    }

    /// <summary>Whoever may write to the file may do everything.</summary>
    public override Task<RolesOutcome?> MakeRolesAsync(CancellationToken cancel) =>
        Task.FromResult<RolesOutcome?>(null);

    public override Task<IWakeUp> ListenAsync(Topic topic, CancellationToken cancel) =>
        Task.FromResult(wakeFile.Listen());

    public override ValueTask DisposeAsync()
    {
        connections.Dispose();
        writers.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Runs queries while nobody changes the registry.</summary>
    internal Task<T> FreezeAsync<T>(Func<Statements, Task<T>> work, CancellationToken cancel) =>
        WriteAsync(work, InDoubt.Repeat, cancel);

    /// <summary>The write lock that BEGIN IMMEDIATE has taken is enough.</summary>
    protected override Task LockMigrationsAsync(Statements sql) => Task.CompletedTask;

    protected override Task<T> ReadAsync<T>(Func<Statements, Task<T>> work, CancellationToken cancel) =>
        RetryAsync(async () => (await TransactAsync("BEGIN", work, cancel)).Result, cancel);

    protected override async Task<T> WriteAsync<T>(
        Func<Statements, Task<T>> work,
        InDoubt inDoubt,
        CancellationToken cancel
    )
    {
        await writers.WaitAsync(cancel);
        try
        {
            var (result, woken) = await RetryAsync(() => TransactAsync("BEGIN IMMEDIATE", work, cancel), cancel);
            if (woken)
                wakeFile.Touch();
            return result;
        }
        finally
        {
            writers.Release();
        }
    }

    protected override Task<T> StatementAsync<T>(Func<Statements, Task<T>> work, CancellationToken cancel) =>
        WriteAsync(work, InDoubt.Repeat, cancel);

    protected override bool IsDuplicate(DbException e) =>
        e is SqliteException { SqliteExtendedErrorCode: raw.SQLITE_CONSTRAINT_UNIQUE };

    private async Task<(T Result, bool Woken)> TransactAsync<T>(
        string begin,
        Func<Statements, Task<T>> work,
        CancellationToken cancel
    )
    {
        var connection = connections.Take();
        var reusable = false;
        try
        {
            Run(connection, begin);
            var sql = new Statements(connection, null, Dialect, cancel);
            var result = await work(sql);
            Run(connection, "COMMIT");
            reusable = true;
            return (result, sql.Woken.Count > 0);
        }
        catch (SqliteException e) when (SqliteErrors.IsBusy(e) && raw.sqlite3_get_autocommit(connection.Handle) != 0)
        {
            // The transaction did not begin: nothing is wrong with the connection.
            reusable = true;
            throw;
        }
        finally
        {
            // Closing rolls back.
            if (reusable)
                connections.Return(connection);
            else
                await connection.DisposeAsync();
        }
    }

    /// <summary>Tries again while another process has the file locked.</summary>
    private async Task<T> RetryAsync<T>(Func<Task<T>> attempt, CancellationToken cancel)
    {
        for (var start = Clock.GetTimestamp(); ; )
        {
            try
            {
                cancel.ThrowIfCancellationRequested();
                return await attempt();
            }
            catch (SqliteException e) when (SqliteErrors.IsBusy(e) && Clock.GetElapsedTime(start) < Options.Timeout)
            {
                // Short and uneven, so that waiting processes neither starve nor march in step.
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 10)), Clock, cancel);
            }
            catch (SqliteException e) when (SqliteErrors.Map(e, path) is not null)
            {
                throw SqliteErrors.Map(e, path)!;
            }
        }
    }

    /// <summary>Runs BEGIN or COMMIT without the waits that a command of the driver puts between its own tries.</summary>
    private static void Run(SqliteConnection connection, string statement) =>
        SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(connection.Handle, statement), connection.Handle);
}
