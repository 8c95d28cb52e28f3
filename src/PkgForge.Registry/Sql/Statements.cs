using System.Data.Common;

namespace PkgForge.Registry.Sql;

/// <summary>Runs statements in one open transaction. SQL is constant text; values are parameters only.</summary>
internal sealed class Statements(
    DbConnection connection,
    DbTransaction? transaction,
    Dialect dialect,
    CancellationToken cancel
)
{
    private readonly HashSet<Topic> wake = [];

    /// <summary>Those who are to be woken once the transaction is committed.</summary>
    public IReadOnlyCollection<Topic> Woken => wake;

    /// <summary>Something has happened that is waited for.</summary>
    public void Wake(Topic topic) => wake.Add(topic);

    /// <summary>Runs a statement. Returns how many rows it changed.</summary>
    public async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Runs a query, or a change with RETURNING, to its end.</summary>
    public async Task<List<T>> QueryAsync<T>(
        string sql,
        Func<Row, T> read,
        params (string Name, object? Value)[] parameters
    )
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel))
            rows.Add(read(new(reader, dialect)));
        return rows;
    }

    /// <summary>Runs a query, row by row. No other statement can run until it has ended.</summary>
    public async IAsyncEnumerable<Row> StreamAsync(string sql)
    {
        await using var command = Command(sql, []);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            yield return new(reader, dialect);
    }

    /// <summary>Runs a query of one whole number: a count, an id. Null if there is no row.</summary>
    public async Task<long?> NumberAsync(string sql, params (string Name, object? Value)[] parameters) =>
        await QueryAsync(sql, row => row.Long(0), parameters) is [var number, ..] ? number : null;

    private DbCommand Command(string sql, (string Name, object? Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = dialect.Fill(command.Parameters, sql, parameters);
        return command;
    }
}
