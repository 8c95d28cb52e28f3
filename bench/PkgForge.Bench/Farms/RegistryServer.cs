using PkgForge.Bench.Measuring;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Sources;
using PkgForge.Tests.Shared;

namespace PkgForge.Bench.Farms;

/// <summary>
/// A PostgreSQL server as a farm has it: it waits for the disk, and has PostgreSQL's own settings, but for memory enough for the tables, and
/// connections enough for a hundred builders. In it are registries with a past, made once; rows work on copies.
/// </summary>
internal sealed class RegistryServer : IAsyncDisposable
{
    /// <summary>How many platforms each registry has: so many tasks has every job.</summary>
    public const int Platforms = 4;

    private static readonly string[] Settings = ["shared_buffers=2GB", "max_connections=400"];

    private readonly PostgresCluster server;
    private readonly Dictionary<int, Task<string>> pasts = [];

    private RegistryServer(PostgresCluster server) => this.server = server;

    public static async Task<RegistryServer> StartAsync()
    {
        if (PostgresCluster.FindPrograms() is null)
            throw new CannotMeasureException("PostgreSQL is not installed: apt-get install postgresql");
        return new(await PostgresCluster.StartAsync(settings: Settings));
    }

    /// <summary>The platforms of each registry; their ids are 1 to 4.</summary>
    public static IReadOnlyList<PlatformKey> Keys { get; } =
    [.. Enumerable.Range(1, Platforms).Select(n => new PlatformKey($"p{n}", "any"))];

    /// <summary>A database of the row's own, with a registry in which so many tasks have ended.</summary>
    public async Task<RegistryDatabase> CopyAsync(string name, int finishedTasks)
    {
        if (!pasts.TryGetValue(finishedTasks, out var past))
            pasts[finishedTasks] = past = FillAsync(finishedTasks);
        return await CopyAsync(name, await past);
    }

    /// <summary>The same with a hundred jobs that wait, as a farm has it in the middle of its day.</summary>
    public async Task<RegistryDatabase> OpenAsync(string name, int finishedTasks)
    {
        var database = await CopyAsync(name, finishedTasks);
        await database.AddReadyAsync(jobs: 100);
        await database.ExecuteAsync("VACUUM (ANALYZE)");
        return database;
    }

    /// <summary>A copy of a database that nobody is connected to.</summary>
    public Task<RegistryDatabase> CopyAsync(string name, RegistryDatabase of) => CopyAsync(name, of.Name);

    private async Task<RegistryDatabase> CopyAsync(string name, string template)
    {
        await server.DropDatabaseAsync(name);
        // As files: writing each page to the log first takes longer.
        await ExecuteAsync("postgres", $"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
        return new(this, name);
    }

    public string ConnectionString(string database) => server.ConnectionString(database);

    public Task DropAsync(string database) => server.DropDatabaseAsync(database);

    public Task ExecuteAsync(string database, string sql) =>
        PostgresCluster.ExecuteAsync($"{ConnectionString(database)};Command Timeout=600", sql);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task<string> FillAsync(int tasks)
    {
        var name = $"past_{tasks}";
        await server.CreateDatabaseAsync(name);
        await using (var registry = Registries.Open(Options(name)))
        {
            await registry.MigrateAsync(CancellationToken.None);
            foreach (var key in Keys)
                await registry.AddPlatformAsync(
                    new(key, PackageFormat.Dummy, Active: true, Auto: true),
                    CancellationToken.None
                );
        }
        var fill = await File.ReadAllTextAsync(Place.Script("inputs/fill-registry.sql"));
        await ExecuteAsync(name, fill.Replace("@jobs", $"{tasks / Platforms}", StringComparison.Ordinal));
        await ExecuteAsync(name, "VACUUM (ANALYZE, FREEZE)");
        return name;
    }

    /// <summary>The farm's default options, and a registry in this database. Not pooled over its end: a template is in nobody's use.</summary>
    public RegistryOptions Options(string database) =>
        new() { Connection = $"postgres:{ConnectionString(database)};Maximum Pool Size=200" };
}
