using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace PkgForge.EndToEnd.Farms;

/// <summary>A database of one farm, on the PostgreSQL server of this test run.</summary>
internal sealed class FarmDatabase : IAsyncDisposable
{
    private readonly string name = $"farm_{Guid.NewGuid():N}";
    private readonly PostgresCluster server;

    private FarmDatabase(PostgresCluster server) => this.server = server;

    /// <summary>For <c>registry:</c> in the configuration.</summary>
    public string Registry => $"postgres:{server.ConnectionString(name)}";

    public static async Task<FarmDatabase> CreateAsync(PostgresFixture fixture)
    {
        var database = new FarmDatabase(await fixture.StartedAsync());
        await database.server.CreateDatabaseAsync(database.name);
        return database;
    }

    public async ValueTask DisposeAsync() => await server.DropDatabaseAsync(name);
}
