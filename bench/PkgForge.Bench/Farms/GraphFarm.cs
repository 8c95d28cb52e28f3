using System.Globalization;
using PkgForge.Jobs;
using PkgForge.Registry;

namespace PkgForge.Bench.Farms;

/// <summary>A farm that is to build a graph of packages on one platform, a job for each.</summary>
internal static class GraphFarm
{
    private const int Batch = 100;

    /// <summary>
    /// A registry in which all packages wait, and how long each takes is known. To make its order exact each claim works it out, whatever
    /// another has found milliseconds before: in the builds' time that is no time at all.
    /// </summary>
    public static async Task<RegistryDatabase> RegisterAsync(RegistryServer server, PackageGraph graph)
    {
        var database = await server.CopyAsync("graph", finishedTasks: 1_000);
        var times = string.Join(", ", graph.Seconds.Select((s, i) => $"(1, '{Name(i)}', {(long)(s * 1000)})"));
        await database.ExecuteAsync($"INSERT INTO duration (platform, source, milliseconds) VALUES {times}");
        await using var registry = Open(database);
        for (var first = 0; first < graph.Needs.Count; first += Batch)
            await registry.RegisterJobsAsync(
                [.. Enumerable.Range(first, Math.Min(Batch, graph.Needs.Count - first)).Select(i => Job(graph, i))],
                default
            );
        return database;
    }

    public static IRegistry Open(RegistryDatabase database) =>
        Registries.Open(database.Options with { OrderAge = TimeSpan.Zero });

    public static async Task<IReadOnlyList<BuilderSession>> AttachAsync(IRegistry registry, int builders)
    {
        var sessions = new List<BuilderSession>();
        for (var i = 1; i <= builders; i++)
        {
            await registry.AddBuilderAsync($"b{i}", RegistryServer.Keys[0], default);
            sessions.Add((await registry.AttachBuilderAsync($"b{i}", "bench", default)).Session!);
        }
        return sessions;
    }

    /// <summary>The number of the package that a job builds.</summary>
    public static int PackageOf(JobId job) => int.Parse(job.ToString()["pkg".Length..], CultureInfo.InvariantCulture);

    private static NewJob Job(PackageGraph graph, int package) =>
        SomeJob.New(Name(package), [RegistryServer.Keys[0]], [.. graph.Needs[package].Select(Name)]);

    private static string Name(int package) => string.Create(CultureInfo.InvariantCulture, $"pkg{package}");
}
