using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Jobs;
using PkgForge.Registry;

namespace PkgForge.Bench.Rows;

/// <summary>
/// How well the order of claims uses the builders. The registry is the real one, and every task is claimed and finished; only the builds are
/// not waited for: the clock of the builds jumps to the next end, as the times of whole packages are minutes and those of claims milliseconds.
/// </summary>
internal sealed class Makespan()
    : Row(
        "makespan",
        "1,815 packages on 2, 4 and 8 builders, longest chain first, against max(critical path, work / builders): the worst of the three",
        new Bar.Ratio(1.05)
    )
{
    private const string Fifo = """
        UPDATE task SET rank = 0;
        UPDATE lane SET first_rank = -9223372036854775807, first_id = 0
        """;

    private static readonly int[] Crews = [2, 4, 8];
    private static readonly TaskResult Success = new(BuildTaskState.Success, null, null, null, [], null);

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var server = await place.RegistryServerAsync();
        var runs = new List<(int Builders, double Ranked, double Fifo, double Bound)>();
        for (var seed = 1; seed <= place.Pairs(7); seed++)
        {
            var graph = PackageGraph.Make(seed);
            await using var registered = await GraphFarm.RegisterAsync(server, graph);
            foreach (var builders in Crews)
                runs.Add(
                    (
                        builders,
                        await RunAsync(server, registered, graph, builders),
                        await RunAsync(server, registered, graph, builders, Fifo),
                        graph.Bound(builders)
                    )
                );
        }
        var each = runs.GroupBy(run => run.Builders).Select(Summary).ToList();
        return each.MaxBy(e => e.Figures.Ratio).Figures with { Note = string.Join("; ", each.Select(e => e.Text)) };
    }

    private static (Figures Figures, string Text) Summary(
        IGrouping<int, (int Builders, double Ranked, double Fifo, double Bound)> runs
    )
    {
        var bound = Paired.Median(runs.Select(run => run.Bound));
        var ratio = Paired.Median(runs.Select(run => run.Ranked / run.Bound));
        var fifo = Paired.Median(runs.Select(run => run.Fifo / run.Bound));
        var worst = runs.Max(run => run.Ranked / run.Bound);
        return (
            new(Paired.Median(runs.Select(run => run.Ranked)) / 3600, "h", runs.Count())
            {
                Peer = bound / 3600,
                PairRatio = ratio,
            },
            $"{runs.Key} builders {ratio:0.000}, at worst {worst:0.000}, first in first out {fifo:0.000}"
        );
    }

    private static async Task<double> RunAsync(
        RegistryServer server,
        RegistryDatabase registered,
        PackageGraph graph,
        int builders,
        string? before = null
    )
    {
        await using var database = await server.CopyAsync("makespan", registered);
        if (before is not null)
            await database.ExecuteAsync(before);
        await using var registry = GraphFarm.Open(database);
        return await RunAsync(registry, graph, await GraphFarm.AttachAsync(registry, builders));
    }

    /// <summary>Returns when the last build ends, in seconds of the builds' clock.</summary>
    private static async Task<double> RunAsync(
        IRegistry registry,
        PackageGraph graph,
        IReadOnlyList<BuilderSession> builders
    )
    {
        var free = new Queue<BuilderSession>(builders);
        var ends = new PriorityQueue<(BuilderSession Builder, Lease Lease), double>();
        var (now, ended) = (0.0, 0);
        while (ended < graph.Needs.Count)
        {
            while (free.Count > 0 && await registry.ClaimNextTaskAsync(free.Peek(), default) is { } task)
                ends.Enqueue((free.Dequeue(), task.Lease), now + graph.Seconds[GraphFarm.PackageOf(task.Job)]);
            if (!ends.TryDequeue(out var next, out now))
                throw new CannotMeasureException($"after {ended} tasks nothing can be claimed");
            await registry.FinishTaskAsync(next.Lease, Success, default);
            free.Enqueue(next.Builder);
            ended++;
        }
        return now;
    }
}
