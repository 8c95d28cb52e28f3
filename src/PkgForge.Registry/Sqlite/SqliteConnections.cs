using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using PkgForge.Native;

namespace PkgForge.Registry.Sqlite;

/// <summary>The open connections of this process to one file, kept for their next use.</summary>
internal sealed class SqliteConnections(string path, TimeSpan timeout) : IDisposable
{
    private readonly ConcurrentBag<SqliteConnection> idle = [];

    public SqliteConnection Take() =>
        idle.TryTake(out var connection) ? connection
        : IsReadOnly ? Open(SqliteOpenMode.ReadOnly)
        : Open(SqliteOpenMode.ReadWrite);

    /// <summary>True for a user who may look at the registry, and no more: a submitter who asks for the state of a job.</summary>
    private bool IsReadOnly => File.Exists(path) && !FileSystem.CanWrite(path);

    /// <summary>
    /// Without the write-ahead log (nobody has the registry open) a user who may not write cannot make the files that
    /// share it. The file is whole then, and is read as it lies: what is committed a moment later is not seen.
    /// </summary>
    private string Source(SqliteOpenMode mode) =>
        mode == SqliteOpenMode.ReadOnly && !File.Exists($"{path}-wal")
            ? $"{new UriBuilder { Scheme = "file", Host = "", Path = path }.Uri.AbsoluteUri}?immutable=1"
            : path;

    public void Return(SqliteConnection connection) => idle.Add(connection);

    /// <summary>Makes the file, if there is none, and sets what is kept in it: the write-ahead log.</summary>
    public void Create()
    {
        using var connection = Open(SqliteOpenMode.ReadWriteCreate);
        Run(connection, "PRAGMA journal_mode = WAL");
    }

    public void Dispose()
    {
        while (idle.TryTake(out var connection))
            connection.Dispose();
    }

    /// <summary>Runs a statement without parameters or result.</summary>
    public static void Run(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    private SqliteConnection Open(SqliteOpenMode mode)
    {
        var text = new SqliteConnectionStringBuilder
        {
            DataSource = Source(mode),
            Mode = mode,
            Pooling = false,
            ForeignKeys = true,
            DefaultTimeout = (int)Math.Ceiling(timeout.TotalSeconds),
        };
        var connection = new SqliteConnection(text.ToString());
        try
        {
            connection.Open();
            // FULL: a commit is on the disk before it is acknowledged. The short busy timeout is for BEGIN, which is
            // tried again by this program: SQLite's own waits grow long and starve a writer among quick ones.
            Run(connection, "PRAGMA busy_timeout = 5");
            if (mode != SqliteOpenMode.ReadOnly)
                Run(connection, "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864");
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
        return connection;
    }
}
