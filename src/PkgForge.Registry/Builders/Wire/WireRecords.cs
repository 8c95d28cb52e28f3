namespace PkgForge.Registry.Builders.Wire;

/// <summary>A machine enrols: the code that an administrator made, and the digest of a token that the machine has thought up.</summary>
public sealed record EnrolRequest(string Code, string Host, string TokenSha256);

/// <summary>Whose token it has become.</summary>
public sealed record EnrolAnswer(string Builder, string Platform);

/// <summary>A process takes the name of its token's builder.</summary>
public sealed record AttachRequest(string Host);

/// <summary>See <see cref="BuilderPost"/>. Times are milliseconds on the wire.</summary>
public sealed record AttachAnswer(
    string Builder,
    string Platform,
    long Session,
    long Heartbeat,
    string? Settings = null
);

/// <summary>The number of the hold on the name.</summary>
public sealed record SessionRequest(long Session);

/// <summary>See <see cref="ClaimedTask"/>.</summary>
public sealed record TaskAnswer(long Task, long Lease, string Job, string Platform);

/// <summary>The lease is renewed; whether the user wants the task stopped.</summary>
public sealed record HeartbeatAnswer(bool Cancel);

/// <summary>See <see cref="TaskOrder"/>: what a builder is to fetch.</summary>
/// <param name="ManifestSize">Bytes of <c>job.yml</c>.</param>
/// <param name="ManifestSha256">Its digest.</param>
/// <param name="Lintian">What a failing lintian means.</param>
/// <param name="Rpmlint">What a failing rpmlint means.</param>
/// <param name="Repositories">Repositories that satisfy build dependencies.</param>
public sealed record OrderAnswer(
    long ManifestSize,
    string ManifestSha256,
    CheckMode Lintian,
    CheckMode Rpmlint,
    IReadOnlyList<RepositoryName> Repositories
);

/// <summary>A repository and the state that it is in.</summary>
public sealed record RepositoryName(string Name, string Revision);

/// <summary>What a repository holds.</summary>
public sealed record RepositoryAnswer(string Revision, IReadOnlyList<FileLine> Files);

/// <summary>A file: its path within the repository, its bytes, its digest.</summary>
public sealed record FileLine(string Path, long Size, string Sha256);

/// <summary>How much the farm has: of the log, or of a product that is being uploaded.</summary>
public sealed record LengthAnswer(long Length);

/// <summary>See <see cref="TaskEnd"/>.</summary>
public sealed record EndRequest(
    BuildTaskState State,
    IReadOnlyList<SourceLine> Sources,
    IReadOnlyList<FileLine> Products,
    string? Cause = null,
    string? Evidence = null,
    string? Message = null,
    long? EvidenceOffset = null,
    long? EvidenceLine = null
);

/// <summary>See <see cref="SourceResult"/>; the time in milliseconds.</summary>
public sealed record SourceLine(string File, double Time, string? Cause = null);

/// <summary>See <see cref="EndOutcome"/>.</summary>
public sealed record EndAnswer(BuildTaskState State, string? Message = null);

/// <summary>Puts a task back: interrupted, or a farm fault.</summary>
public sealed record PutBackRequest(AttemptOutcome Outcome, string Reason);

/// <summary>What became of it.</summary>
public sealed record PutBackAnswer(RequeueOutcome Outcome);

/// <summary>Gives a task back that this builder cannot build.</summary>
public sealed record RefuseRequest(string Reason);

/// <summary>Why a request was not done: problem details as in RFC 9457.</summary>
/// <param name="Type">One of <see cref="ProblemTypes"/>.</param>
/// <param name="Title">The kind, in a few words.</param>
/// <param name="Status">The HTTP status again.</param>
/// <param name="Detail">What was wrong, what was expected, what to do.</param>
/// <param name="Length">How much the farm has, where the request went by another number.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, long? Length = null);
