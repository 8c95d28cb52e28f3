using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace PkgForge.Registry.Sqlite;

/// <summary>The open connections of this process to one file, kept for their next use.</summary>
internal sealed class SqliteConnections(string path, TimeSpan timeout) : IDisposable
{
    private readonly ConcurrentBag<SqliteConnection> idle = [];

    public SqliteConnection Take() => idle.TryTake(out var connection) ? connection : Open(SqliteOpenMode.ReadWrite);

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
            DataSource = path,
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
            Run(connection, "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5; PRAGMA journal_size_limit = 67108864");
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
        return connection;
    }
}
