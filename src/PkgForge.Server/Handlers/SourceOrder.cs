using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Sources;

namespace PkgForge.Server.Handlers;

/// <summary>Puts the sources of a task in the order that the job asks for, and writes into the log what put them there.</summary>
/// <param name="builder">Knows what the sources need and make.</param>
/// <param name="log">The attempt's log.</param>
internal sealed class SourceOrder(IPackageBuilder builder, BuildLog log)
{
    /// <summary>A line of the log, or a message, does not name more needs than this.</summary>
    private const int MostNamed = 10;

    /// <summary>The sequence; or why there is none: sources that need each other.</summary>
    public async Task<(BuildSequence<SourcePackage>? Sequence, BuildOutcome? Failure)> ApplyAsync(
        Job job,
        IReadOnlyList<SourcePackage> sources,
        CancellationToken cancel
    )
    {
        if (job.Order == BuildOrder.Given || sources.Count < 2)
            return (new(sources, job.OnError), null);
        var graph = new SourceGraph(await builder.RelateAsync(sources, log, cancel));
        if (graph.FindCycle() is { Count: > 0 } cycle)
            return (null, Refuse(cycle, sources));
        var sorted = graph.Sort();
        foreach (var source in sorted.Where(source => graph.NeedsOf(source).Count > 0))
            log.Say($"order: {Named(graph.NeedsOf(source), sources)}");
        log.Say($"order: {string.Join(' ', sorted.Select(source => sources[source].FileName))}");
        var places = sources.Index().ToDictionary(item => item.Item, item => item.Index);
        return (
            new(
                sorted.Select(source => sources[source]),
                job.OnError,
                source => graph.NeedsOf(places[source]).Select(need => sources[need.Maker])
            ),
            null
        );
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
