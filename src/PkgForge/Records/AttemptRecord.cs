using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Sources;

namespace PkgForge.Records;

/// <summary>
/// What an attempt was made of and with: enough to make it again. It lies beside the attempt's log as <c>record.yml</c> (docs/formats/record.md),
/// also when the attempt failed, with as much as was known by then.
/// </summary>
public sealed record AttemptRecord
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The platform.</summary>
    public required PlatformKey Platform { get; init; }

    /// <summary>Number of the attempt, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>Name of the builder.</summary>
    public required string Builder { get; init; }

    /// <summary>Name of the machine that it ran on.</summary>
    public required string Host { get; init; }

    /// <summary>Version of PkgForge there.</summary>
    public required string Version { get; init; }

    /// <summary>Release of the kernel there.</summary>
    public required string Kernel { get; init; }

    /// <summary>When the builder had claimed the task.</summary>
    public required DateTimeOffset Begun { get; init; }

    /// <summary>When the record was written: the building had ended.</summary>
    public required DateTimeOffset Ended { get; init; }

    /// <summary>What each build might use.</summary>
    public required RecordedLimits Limits { get; init; }

    /// <summary>The limits that control groups enforced: of <c>memory</c> and <c>processes</c>.</summary>
    public required IReadOnlyList<string> ControlGroups { get; init; }

    /// <summary>Every layer of every root, each once.</summary>
    public required IReadOnlyList<RecordedLayer> Layers { get; init; }

    /// <summary>The sources that were tried, in the order of their last tries.</summary>
    public required IReadOnlyList<RecordedBuild> Builds { get; init; }

    /// <summary>All products, of all sources.</summary>
    public IEnumerable<SourceFile> Products => Builds.SelectMany(build => build.Products);
}

/// <summary>What each build of an attempt might use.</summary>
/// <param name="Time">From a source's first step to its last.</param>
/// <param name="Silence">Without a byte of output.</param>
/// <param name="Log">Bytes of the log.</param>
/// <param name="Root">Bytes written in the root.</param>
/// <param name="Memory">Bytes of memory; 0 for as much as the machine has.</param>
/// <param name="Processes">Processes and threads at once.</param>
/// <param name="Parallel">Jobs side by side that the build was told of.</param>
public sealed record RecordedLimits(
    TimeSpan Time,
    TimeSpan Silence,
    long Log,
    long Root,
    long Memory,
    int Processes,
    int Parallel
);

/// <summary>A layer of a root.</summary>
/// <param name="Name">Its name, which comes of a digest of what it was made of.</param>
/// <param name="Seal">
/// SHA-256 over all entries of it, their times among them: it names this copy of the layer, on that machine. Empty if not known.
/// </param>
/// <param name="Packages">What it adds to the layer below: of the base, all. Empty if not known.</param>
/// <param name="Without">What the layer below has, and is there no longer.</param>
public sealed record RecordedLayer(
    string Name,
    string Seal,
    IReadOnlyList<RecordedPackage> Packages,
    IReadOnlyList<RecordedPackage> Without
);

/// <summary>The building of one source package.</summary>
public sealed record RecordedBuild
{
    /// <summary>What <see cref="Result"/> is of a source that was built.</summary>
    public const string Built = "built";

    /// <summary>What <see cref="Result"/> is of a source whose build did not come to its end.</summary>
    public const string Stopped = "stopped";

    /// <summary>Its main file.</summary>
    public required string Source { get; init; }

    /// <summary><see cref="Built"/>, <see cref="Stopped"/>, or the cause of its failure.</summary>
    public required string Result { get; init; }

    /// <summary>How long its last try took; null if it did not come to its end.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>All files of the source package.</summary>
    public required IReadOnlyList<SourceFile> Files { get; init; }

    /// <summary>Names of the layers of its root, the uppermost first; empty if there was no root.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>Seconds since 1970 that stand for the time of the build; null if nobody told it.</summary>
    public required long? SourceDateEpoch { get; init; }

    /// <summary>What ran in the root, to build it.</summary>
    public required IReadOnlyList<RecordedStep> Steps { get; init; }

    /// <summary>What it made.</summary>
    public required IReadOnlyList<SourceFile> Products { get; init; }
}

/// <summary>A command that ran in a root.</summary>
/// <param name="Name">The step's name, as in the log.</param>
/// <param name="Command">Program and arguments.</param>
/// <param name="Directory">Where it ran, in the root.</param>
/// <param name="User">Number of the user in the root.</param>
/// <param name="Environment">All of its environment, as <c>NAME=VALUE</c>.</param>
public sealed record RecordedStep(
    string Name,
    IReadOnlyList<string> Command,
    string Directory,
    int User,
    IReadOnlyList<string> Environment
);
