using System.Diagnostics;
using Npgsql;
using PkgForge.Bench.Measuring;
using PkgForge.Registry;

namespace PkgForge.Bench.Farms;

/// <summary>How a crew ends what it has claimed.</summary>
internal enum Ending
{
    /// <summary>By a bare statement of the benchmark's own, past the registry.</summary>
    Bare,

    /// <summary>As a farm does.</summary>
    Registry,
}

/// <summary>Builders that claim through one registry object, as the builders of one server do, and end what they have claimed.</summary>
internal sealed class Crew : IAsyncDisposable
{
    private const string End = """
        UPDATE task SET state = 13, builder = NULL, lease_expires = NULL, claimed = NULL, session = NULL WHERE id = $1
        """;

    private static readonly TaskResult Success = new(BuildTaskState.Success, null, null, null, [], null);

    private readonly IRegistry registry;
    private readonly Ending ending;
    private readonly List<(BuilderSession Session, NpgsqlConnection Connection)> builders = [];

    private Crew(IRegistry registry, Ending ending) => (this.registry, this.ending) = (registry, ending);

    /// <summary>Adds builders b1, b2 ... in turn for each platform, and attaches them.</summary>
    public static async Task<Crew> AttachAsync(RegistryDatabase database, int builders, Ending ending)
    {
        var crew = new Crew(database.Open(), ending);
        for (var i = 0; i < builders; i++)
        {
            var name = $"b{i + 1}";
            await crew.registry.AddBuilderAsync(name, RegistryServer.Keys[i % RegistryServer.Platforms], default);
            var attached = await crew.registry.AttachBuilderAsync(name, "bench", default);
            crew.builders.Add((attached.Session!, await database.ConnectAsync()));
        }
        return crew;
    }

    /// <summary>Claims so many tasks, all builders at once. Returns how long each claim took, in milliseconds.</summary>
    public async Task<IReadOnlyList<double>> ClaimAsync(int tasks)
    {
        var each = tasks / builders.Count;
        var times = await Task.WhenAll(builders.Select(b => Task.Run(() => ClaimAsync(b.Session, b.Connection, each))));
        return [.. times.SelectMany(t => t)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, connection) in builders)
            await connection.DisposeAsync();
        await registry.DisposeAsync();
    }

    private async Task<List<double>> ClaimAsync(BuilderSession session, NpgsqlConnection connection, int tasks)
    {
        var times = new List<double>(tasks);
        await using var end = new NpgsqlCommand(End, connection);
        var id = new NpgsqlParameter<long>();
        end.Parameters.Add(id);
        await end.PrepareAsync();
        while (times.Count < tasks)
        {
            var started = Stopwatch.GetTimestamp();
            var claimed = await registry.ClaimNextTaskAsync(session, default);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (claimed is null)
                throw new CannotMeasureException($"{session.Builder} found no task where there are many");
            id.TypedValue = claimed.Lease.TaskId;
            if (ending == Ending.Bare)
                await end.ExecuteNonQueryAsync();
            else
                await registry.FinishTaskAsync(claimed.Lease, Success, default);
        }
        return times;
    }
}
