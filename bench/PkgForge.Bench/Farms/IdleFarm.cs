using PkgForge.Bench.Measuring;
using PkgForge.Platforms;
using PkgForge.Tests.Shared;

namespace PkgForge.Bench.Farms;

/// <summary>A farm whose only platform builds dummies: for daemons that have nothing to do.</summary>
internal static class IdleFarm
{
    public const string Sections = """
        buckets:
          main:
        platform_recipes:
          dummy-any:
            format: dummy
        """;

    /// <summary>The only one.</summary>
    public static PlatformKey Platform { get; } = new("dummy", "any");

    private const string Database = "bench";

    /// <summary>A server with an empty database.</summary>
    /// <param name="settings">As <see cref="PostgresCluster.StartAsync"/> takes them.</param>
    public static async Task<PostgresCluster> StartServerAsync(IReadOnlyList<string>? settings = null)
    {
        if (PostgresCluster.FindPrograms() is null)
            throw new CannotMeasureException("PostgreSQL is not installed: apt-get install postgresql");
        var server = await PostgresCluster.StartAsync(settings: settings);
        await server.CreateDatabaseAsync(Database);
        return server;
    }

    /// <summary>The registry in that database; the server sees the name on each statement.</summary>
    public static string Registry(PostgresCluster server, string client) =>
        $"postgres:{ConnectionString(server)};Application Name={client}";

    /// <summary>Npgsql's keywords for that database.</summary>
    public static string ConnectionString(PostgresCluster server) => server.ConnectionString(Database);

    /// <summary>Makes the farm, and builders b1, b2 ...</summary>
    public static async Task InitialiseAsync(ScratchFarm farm, string registry, int builders)
    {
        await farm.InitialiseAsync(registry, Sections);
        await farm.ForgeAsync("platform", "add", "dummy", "any", "--auto");
        for (var i = 1; i <= builders; i++)
            await farm.ForgeAsync("builder", "add", $"b{i}", "dummy", "any");
    }
}
