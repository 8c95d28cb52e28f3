using System.Globalization;
using Npgsql;
using PkgForge.Registry;

namespace PkgForge.Bench.Farms;

/// <summary>A registry in a database of its own, dropped when it is disposed.</summary>
internal sealed class RegistryDatabase(RegistryServer server, string name) : IAsyncDisposable
{
    /// <summary>Npgsql's keywords for it.</summary>
    public string ConnectionString => server.ConnectionString(name);

    /// <summary>The name by which PostgreSQL's programs know it.</summary>
    public string Name => name;

    public RegistryOptions Options => server.Options(name);

    public IRegistry Open() => Registries.Open(Options);

    public Task ExecuteAsync(string sql) => server.ExecuteAsync(name, sql);

    /// <summary>A connection that nobody else uses.</summary>
    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection($"{ConnectionString};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Adds jobs that wait, each with a task on every platform.</summary>
    public async Task AddReadyAsync(int jobs)
    {
        await ScriptAsync("inputs/add-ready.sql", jobs);
        await ExecuteAsync("VACUUM (ANALYZE) task");
    }

    /// <summary>Makes the tasks of those jobs wait again, and removes what that has left in the indexes.</summary>
    public async Task ResetReadyAsync()
    {
        await ScriptAsync("inputs/reset-ready.sql");
        await ExecuteAsync("VACUUM task");
    }

    public ValueTask DisposeAsync() => new(server.DropAsync(name));

    private async Task ScriptAsync(string script, int jobs = 0) =>
        await ExecuteAsync(
            (await File.ReadAllTextAsync(Place.Script(script))).Replace(
                "@jobs",
                jobs.ToString(CultureInfo.InvariantCulture),
                StringComparison.Ordinal
            )
        );
}
