using PkgForge.Platforms;

namespace PkgForge.Registry;

/// <summary>How many tasks of a submitter, or of a bucket, may be building at once.</summary>
/// <param name="Kind">Whose.</param>
/// <param name="Name">The submitter's or the bucket's name; <c>*</c> for every submitter that has no cap of their own.</param>
/// <param name="Tasks">So many; null for no cap.</param>
public sealed record Cap(CapKind Kind, string Name, int? Tasks);

/// <summary>What a cap is on.</summary>
public enum CapKind
{
    Submitter,
    Bucket,
}

/// <summary>Why a task waits.</summary>
public enum WaitReason
{
    /// <summary>It is its turn as soon as a builder looks.</summary>
    Next,

    /// <summary>Builders run, and others go first.</summary>
    TasksBefore,

    /// <summary>No builder of the platform runs and takes tasks.</summary>
    NoBuilder,

    /// <summary>The platform is not active: builders of it may still run, but nobody promises it.</summary>
    PlatformInactive,

    /// <summary>As many tasks as the cap allows are being built.</summary>
    Cap,

    /// <summary>Every running builder of the platform has refused it.</summary>
    RefusedByAll,

    /// <summary>Other jobs' tasks must succeed first.</summary>
    AfterOthers,
}

/// <summary>Why a task waits, and until when.</summary>
/// <param name="Platform">Which task of the job.</param>
/// <param name="Reason">The one thing that would have to change first.</param>
/// <param name="Details">A sentence for a person, with names and numbers.</param>
/// <param name="Before">So many tasks go before it.</param>
/// <param name="Start">When it should begin, by what earlier builds took; null when nobody can say.</param>
/// <param name="Estimate">How long it should take; null when its sources were never built on the platform.</param>
public sealed record Waiting(
    PlatformKey Platform,
    WaitReason Reason,
    string Details,
    int Before,
    DateTimeOffset? Start,
    TimeSpan? Estimate
)
{
    /// <summary>The database's time when it was asked: <see cref="Start"/> is by the same clock. Null where nothing is said of a time.</summary>
    public DateTimeOffset? Now { get; init; }
}
