using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using PkgForge.Sources;

namespace PkgForge.Server.Handlers;

/// <summary>Puts the sources of a task in the order that the job asks for, and writes into the log what put them there.</summary>
/// <param name="builder">Knows what the sources need and make.</param>
/// <param name="log">The attempt's log.</param>
internal sealed class SourceOrder(IPackageBuilder builder, BuildLog log)
{
    /// <summary>A line of the log, or a message, does not name more needs than this.</summary>
    private const int MostNamed = 10;

    /// <summary>The plan; or why there is none: sources that need each other.</summary>
    public async Task<(SourcePlan? Plan, BuildOutcome? Failure)> ApplyAsync(
        Job job,
        IReadOnlyList<SourcePackage> sources,
        CancellationToken cancel
    )
    {
        if (job.Order == BuildOrder.Given || sources.Count < 2)
            return (SourcePlan.AsGiven(sources, job.OnError), null);
        var relations = await builder.RelateAsync(sources, log, cancel);
        if (relations is null)
        {
            log.Say(
                $"order: what the sources make cannot be told by this driver: as they are given, one after the other"
            );
            return (SourcePlan.AsGiven(sources, job.OnError), null);
        }
        var graph = new SourceGraph(relations);
        if (graph.FindCycle() is { Count: > 0 } cycle)
            return (null, Refuse(cycle, sources));
        var sorted = graph.Sort();
        foreach (var source in sorted.Where(source => graph.NeedsOf(source).Count > 0))
            log.Say($"order: {Named(graph.NeedsOf(source), sources)}");
        log.Say($"order: {string.Join(' ', sorted.Select(source => sources[source].FileName))}");
        return (SourcePlan.Sorted(sources, relations, graph, job.OnError), null);
    }

    private BuildOutcome Refuse(IReadOnlyList<SourceNeed> cycle, IReadOnlyList<SourcePackage> sources)
    {
        var outcome = BuildOutcome.Failed(
            Cause.UnsatisfiableDependency,
            null,
            $"{Named(cycle, sources)}: a cycle; submit without --order deps, in an order that can be built from what the distribution has, or as several jobs"
        );
        log.Say($"failed: {Cause.UnsatisfiableDependency.Name()}: {outcome.Message}");
        return outcome;
    }

    private static string Named(IReadOnlyList<SourceNeed> needs, IReadOnlyList<SourcePackage> sources)
    {
        string Name(int source) => sources[source].Name ?? sources[source].FileName;
        var named = needs.Take(MostNamed).Select(n => $"{Name(n.Source)} needs {n.Package} of {Name(n.Maker)}");
        return string.Join("; ", named) + (needs.Count > MostNamed ? $"; and {needs.Count - MostNamed} more" : "");
    }
}
