using PkgForge.Jobs;
using PkgForge.Sources;

namespace PkgForge.Server.Handlers;

/// <summary>In which order a task's sources are built, and what is known of what they make.</summary>
internal sealed class SourcePlan
{
    private readonly Dictionary<SourcePackage, IReadOnlyCollection<string>> makes;

    private SourcePlan(
        BuildSequence<SourcePackage> sequence,
        Dictionary<SourcePackage, IReadOnlyCollection<string>> makes
    ) => (Sequence, this.makes) = (sequence, makes);

    /// <summary>What is to be built next.</summary>
    public BuildSequence<SourcePackage> Sequence { get; }

    /// <summary>Whether sources may be built at once: it is known which of them need each other.</summary>
    public bool IsSorted => makes.Count > 0;

    /// <summary>One after the other, in the order of the job.</summary>
    public static SourcePlan AsGiven(IReadOnlyList<SourcePackage> sources, OnError onError) =>
        new(new(sources, onError), []);

    /// <summary>Each source after those that it needs.</summary>
    public static SourcePlan Sorted(
        IReadOnlyList<SourcePackage> sources,
        IReadOnlyList<SourceRelations> relations,
        SourceGraph graph,
        OnError onError
    )
    {
        var places = sources.Index().ToDictionary(item => item.Item, item => item.Index);
        var sequence = new BuildSequence<SourcePackage>(
            graph.Sort().Select(source => sources[source]),
            onError,
            source => graph.NeedsOf(places[source]).Select(need => sources[need.Maker])
        );
        return new(sequence, sources.Zip(relations).ToDictionary(pair => pair.First, pair => pair.Second.Makes));
    }

    /// <summary>Names of packages that others make which are still to be built.</summary>
    public IReadOnlySet<string> ComingFor(SourcePackage source) =>
        Sequence
            .ToCome.Where(other => other != source)
            .SelectMany(other => makes.GetValueOrDefault(other, []))
            .Except(makes.GetValueOrDefault(source, []))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Puts a source after all that make some packages and are still to be built; false when one of those needs it.</summary>
    public bool Postpone(SourcePackage source, IReadOnlyList<string> packages) =>
        Sequence.Postpone(
            source,
            [.. Sequence.ToCome.Where(other => other != source && makes[other].Intersect(packages).Any())]
        );
}
