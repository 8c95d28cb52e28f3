using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Registry;

/// <summary>
/// One database for a class of tests, in which each test has a schema of its own: a database takes half a second to make.
/// </summary>
public class PostgresDatabase(PostgresFixture fixture) : IAsyncLifetime
{
    private readonly string name = $"registry_{Guid.NewGuid():N}";
    private PostgresCluster? server;

    public PostgresCluster Server => server!;

    /// <summary>Npgsql's keywords for a schema of the database.</summary>
    public string ConnectionString(string schema) => $"{Server.ConnectionString(name)};Search Path={schema}";

    public async ValueTask InitializeAsync()
    {
        server = await fixture.StartedAsync();
        await server.CreateDatabaseAsync(name);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (server is not null)
            await server.DropDatabaseAsync(name);
    }
}

/// <summary>The same in PostgreSQL 18.</summary>
public sealed class Postgres18Database(Postgres18Fixture fixture) : PostgresDatabase(fixture);
