using PkgForge.Sources;

namespace PkgForge.Jobs;

/// <summary>
/// What a user submits: one or more source packages in a sequence, for a bucket and a set of platforms. This is what
/// <c>job.yml</c> holds (docs/formats/job.md).
/// </summary>
public sealed record Job
{
    /// <summary>The job's id, and the name of its directory in the spool.</summary>
    public required JobId Id { get; init; }

    /// <summary>Login name of the person who submitted it.</summary>
    public required string Submitter { get; init; }

    /// <summary>When it was submitted, in UTC, whole seconds.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The bucket that its products go to.</summary>
    public required string Bucket { get; init; }

    /// <summary>Words of the platform language as they were given; empty means <c>auto</c>.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Words for architectures, in the same language; empty means all.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = [];

    /// <summary>Mail addresses that get a report of each task.</summary>
    public IReadOnlyList<string> Report { get; init; } = [];

    /// <summary>What a task does when a source fails.</summary>
    public OnError OnError { get; init; } = OnError.Retry;

    /// <summary>In which order a task builds its sources.</summary>
    public BuildOrder Order { get; init; } = BuildOrder.Given;

    /// <summary>How soon its tasks are to be built.</summary>
    public Priority Priority { get; init; } = Priority.Normal;

    /// <summary>Jobs whose tasks must have succeeded, platform by platform, before this one's are built.</summary>
    public IReadOnlyList<JobId> After { get; init; } = [];

    /// <summary>Build, but publish nothing.</summary>
    public bool Scratch { get; init; }

    /// <summary>Names of the main files of the source packages, in the job's own order: see <see cref="Order"/>.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Every file of every source package, each once.</summary>
    public required IReadOnlyList<SourceFile> Files { get; init; }
}
