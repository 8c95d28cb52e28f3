namespace PkgForge.Spool;

/// <summary>
/// The places where a test can make a process die or fail. Each name says what has just been done, or
/// <c>before-</c> what is about to be done.
/// </summary>
public static class FaultPoints
{
    public const string SubmitDirectoryMade = "submit.directory-made";
    public const string SubmitFilesCopied = "submit.files-copied";
    public const string SubmitManifestWritten = "submit.manifest-written";
    public const string SubmitBeforeRename = "submit.before-rename";
    public const string SubmitRenamed = "submit.renamed";
    public const string SubmitFlushed = "submit.flushed";

    public const string AcceptedDirectoryMade = "accepted.directory-made";
    public const string AcceptedFilesCopied = "accepted.files-copied";
    public const string AcceptedManifestWritten = "accepted.manifest-written";
    public const string AcceptedBeforeRename = "accepted.before-rename";
    public const string AcceptedRenamed = "accepted.renamed";
    public const string AcceptedFlushed = "accepted.flushed";

    public const string IncomingBeforeRemoval = "incoming.before-removal";
    public const string IncomingSetAside = "incoming.set-aside";
    public const string IncomingRemoved = "incoming.removed";

    public const string IncomingRegistered = "incoming.registered";
    public const string IncomingRejected = "incoming.rejected";

    public const string AttachBefore = "attach.before";
    public const string AttachAfter = "attach.after";

    public const string ClaimBefore = "claim.before";
    public const string ClaimAfter = "claim.after";

    public const string BuilddClaimed = "buildd.claimed";
    public const string BuilddFetched = "buildd.fetched";
    public const string BuilddOpened = "buildd.opened";

    public const string BuildFirst = "build.first";
    public const string BuildSource = "build.source";

    public const string BuilddBuilt = "buildd.built";
    public const string BuilddChecked = "buildd.checked";

    /// <summary>One product was handed over, others perhaps not yet.</summary>
    public const string BuilddKept = "buildd.kept";

    /// <summary>All products were handed over.</summary>
    public const string BuilddCollected = "buildd.collected";
    public const string BuilddFlushed = "buildd.flushed";

    public const string HeartbeatBefore = "heartbeat.before";
    public const string HeartbeatAfter = "heartbeat.after";

    public const string FinishVerified = "finish.verified";
    public const string FinishPublished = "finish.published";

    /// <summary>The products are published, if they are to be, and the log is closed.</summary>
    public const string BuilddPublished = "buildd.published";
    public const string FinishBeforeCommit = "finish.before-commit";
    public const string FinishCommitted = "finish.committed";

    /// <summary>The builder knows that the task has ended.</summary>
    public const string BuilddFinished = "buildd.finished";

    public const string PublishPooled = "publish.pooled";
    public const string PublishWritten = "publish.written";
    public const string PublishFinished = "publish.finished";
    public const string PublishSwitched = "publish.switched";

    /// <summary>All names, for tests that try each.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        SubmitDirectoryMade,
        SubmitFilesCopied,
        SubmitManifestWritten,
        SubmitBeforeRename,
        SubmitRenamed,
        SubmitFlushed,
        AcceptedDirectoryMade,
        AcceptedFilesCopied,
        AcceptedManifestWritten,
        AcceptedBeforeRename,
        AcceptedRenamed,
        AcceptedFlushed,
        IncomingBeforeRemoval,
        IncomingSetAside,
        IncomingRemoved,
        IncomingRegistered,
        IncomingRejected,
        AttachBefore,
        AttachAfter,
        ClaimBefore,
        ClaimAfter,
        BuilddClaimed,
        BuilddFetched,
        BuilddOpened,
        BuildFirst,
        BuildSource,
        BuilddBuilt,
        BuilddChecked,
        BuilddKept,
        BuilddCollected,
        BuilddFlushed,
        HeartbeatBefore,
        HeartbeatAfter,
        FinishVerified,
        FinishPublished,
        BuilddPublished,
        FinishBeforeCommit,
        FinishCommitted,
        BuilddFinished,
        PublishPooled,
        PublishWritten,
        PublishFinished,
        PublishSwitched,
    ];
}
