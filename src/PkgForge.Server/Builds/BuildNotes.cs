using PkgForge.Records;

namespace PkgForge.Server.Builds;

/// <summary>What is learnt of one build while it goes on. However it ends, what is there by then goes into the record.</summary>
public sealed class BuildNotes
{
    /// <summary>The layers of its root, the uppermost first.</summary>
    public IReadOnlyList<RecordedLayer> Layers { get; set; } = [];

    /// <summary>Seconds since 1970 that stand for the time of the build.</summary>
    public long? SourceDateEpoch { get; set; }

    /// <summary>What ran in the root.</summary>
    public IList<RecordedStep> Steps { get; } = [];
}
