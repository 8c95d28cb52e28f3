using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry;

/// <summary>A registered build process for one platform.</summary>
/// <param name="Name">Unique on the farm.</param>
/// <param name="Platform">The platform that it builds.</param>
/// <param name="Host">The machine of its present or last process; null if it never ran.</param>
/// <param name="LastSeen">When its process last spoke to the registry.</param>
/// <param name="Running">A process holds its name now.</param>
/// <param name="Current">The task that it is building.</param>
public sealed record Builder(
    string Name,
    PlatformKey Platform,
    string? Host,
    DateTimeOffset? LastSeen,
    bool Running,
    CurrentTask? Current
)
{
    /// <summary>It gets no more tasks.</summary>
    public bool Draining { get; init; }

    /// <summary>Why it is in quarantine; null when it is not.</summary>
    public Quarantine? Quarantine { get; init; }

    /// <summary>Farm faults in a row, each soon after its claim.</summary>
    public int FastFaults { get; init; }

    /// <summary>Its farm faults and lost attempts of the last seven days, newest first, at most five.</summary>
    public IReadOnlyList<RecentFault> Faults { get; init; } = [];
}

/// <summary>A builder's quarantine: it gets no tasks but, at <see cref="Canary"/>, one to try it with.</summary>
public sealed record Quarantine(string Reason, DateTimeOffset Since, DateTimeOffset Canary);

/// <summary>A fault of the farm that a builder met.</summary>
public sealed record RecentFault(JobId Job, DateTimeOffset Time, AttemptOutcome Outcome, string? Message);

/// <summary>The task that a builder is building.</summary>
public sealed record CurrentTask(JobId Job, PlatformKey Platform, int Attempt, DateTimeOffset Since);

/// <summary>What waiting builders are told when they say that they live.</summary>
/// <param name="Held">Those whose names are still theirs.</param>
/// <param name="NextExpiry">In how long the first lease on the farm will expire if it is not renewed; null when nothing is being built.</param>
/// <param name="Waiting">Platforms with tasks that may be claimed: the safety net under the wake-ups.</param>
public sealed record Beat(IReadOnlySet<BuilderSession> Held, TimeSpan? NextExpiry, IReadOnlySet<PlatformKey> Waiting);

/// <summary>Whose token it is.</summary>
/// <param name="Builder">The builder's name.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="Expired">Its time is up.</param>
/// <param name="Revoked">It was revoked, or replaced by a later one.</param>
public sealed record TokenHolder(string Builder, PlatformKey Platform, bool Expired, bool Revoked);

/// <summary>
/// A process' hold on a builder's name. <see cref="Number"/> grows with each process: what an older one says is refused.
/// </summary>
public sealed record BuilderSession(string Builder, PlatformKey Platform, long Number);

/// <summary>What became of taking a builder's name.</summary>
/// <param name="Session">The hold on the name; null if refused.</param>
/// <param name="Refusal">Why not, for a person: unknown builder, or which host runs it and when it was last seen.</param>
public sealed record AttachResult(BuilderSession? Session, string? Refusal);

/// <summary>What became of deleting a builder.</summary>
public enum DeleteBuilderOutcome
{
    Deleted,
    NotFound,

    /// <summary>A process holds its name: nothing was changed.</summary>
    Running,
}
