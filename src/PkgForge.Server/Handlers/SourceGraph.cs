using PkgForge.Sources;

namespace PkgForge.Server.Handlers;

/// <summary>One source of a job needs a package that another one makes. Sources are numbers: their places in the job.</summary>
/// <param name="Source">Who needs it.</param>
/// <param name="Package">What it needs.</param>
/// <param name="Maker">Who makes it.</param>
internal sealed record SourceNeed(int Source, string Package, int Maker);

/// <summary>
/// Which sources of a job need which others. The first name of a group that the job makes counts, and no later one: that is what is installed where
/// the farm's packages go before those of the distribution. A source needs nothing of itself; it is built with what there was before.
/// </summary>
internal sealed class SourceGraph
{
    private readonly List<SourceNeed>[] needs;

    /// <param name="relations">Of all sources, in the job's own order.</param>
    public SourceGraph(IReadOnlyList<SourceRelations> relations)
    {
        var makers = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var source = 0; source < relations.Count; source++)
            foreach (var package in relations[source].Makes)
                (makers.TryGetValue(package, out var known) ? known : makers[package] = []).Add(source);
        needs = [.. relations.Select((relation, source) => Needs(relation, source, makers))];
    }

    /// <summary>What a source needs, one need for each maker.</summary>
    public IReadOnlyList<SourceNeed> NeedsOf(int source) => needs[source];

    /// <summary>
    /// All sources, each after those that it needs, and else in the job's order: of those that may come next, the first of the job does. Where
    /// there is a cycle, those that are in one, or need one that is, are missing.
    /// </summary>
    public IReadOnlyList<int> Sort()
    {
        var missing = needs.Select(list => list.Count).ToArray();
        var needed = needs.SelectMany(list => list).ToLookup(need => need.Maker, need => need.Source);
        var ready = new PriorityQueue<int, int>(
            missing.Index().Where(item => item.Item == 0).Select(item => (item.Index, item.Index))
        );
        var sorted = new List<int>();
        while (ready.TryDequeue(out var next, out _))
        {
            sorted.Add(next);
            foreach (var source in needed[next])
                if (--missing[source] == 0)
                    ready.Enqueue(source, source);
        }
        return sorted;
    }

    /// <summary>A cycle among the sources that <see cref="Sort"/> leaves out: each need's maker is the source of the next. Empty when there is none.</summary>
    public IReadOnlyList<SourceNeed> FindCycle()
    {
        var sorted = Sort().ToHashSet();
        if (sorted.Count == needs.Length)
            return [];
        // Each of the rest needs another of the rest, so that the walk must come round.
        var walk = new List<SourceNeed>();
        var met = new Dictionary<int, int>();
        var at = Enumerable.Range(0, needs.Length).First(source => !sorted.Contains(source));
        while (met.TryAdd(at, walk.Count))
        {
            walk.Add(needs[at].First(need => !sorted.Contains(need.Maker)));
            at = walk[^1].Maker;
        }
        return FromFirst(walk[met[at]..]);
    }

    private static List<SourceNeed> FromFirst(List<SourceNeed> cycle)
    {
        var first = cycle.IndexOf(cycle.MinBy(need => need.Source)!);
        return [.. cycle[first..], .. cycle[..first]];
    }

    private static List<SourceNeed> Needs(SourceRelations relation, int source, Dictionary<string, List<int>> makers) =>
        [
            .. relation
                .Needs.Select(group => group.FirstOrDefault(makers.ContainsKey))
                .OfType<string>()
                .Where(package => !makers[package].Contains(source))
                .SelectMany(package => makers[package].Select(maker => new SourceNeed(source, package, maker)))
                .DistinctBy(need => need.Maker),
        ];
}
