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

    /// <summary>A file of a job was copied and is not flushed yet.</summary>
    public const string CopyWritten = "copy.written";
    public const string CopyFlushed = "copy.flushed";

    /// <summary>It is this process's turn in <c>incoming</c>, and it has listed what there is.</summary>
    public const string IntakeBegan = "intake.began";
    public const string IntakeLoaded = "intake.loaded";
    public const string IntakeJudged = "intake.judged";

    /// <summary>In the transaction: the job has its row, its tasks have none.</summary>
    public const string RegisterJob = "register.job";

    /// <summary>In the transaction: the tasks have their rows.</summary>
    public const string RegisterTasks = "register.tasks";

    /// <summary>Any transaction has begun.</summary>
    public const string RegistryBegan = "registry.began";

    /// <summary>Any transaction has done its work and is about to commit.</summary>
    public const string RegistryWorked = "registry.worked";

    /// <summary>Any transaction is committed, and nobody has heard of it.</summary>
    public const string RegistryCommitted = "registry.committed";

    /// <summary>Any statement that is its own transaction is about to be sent.</summary>
    public const string RegistryAsked = "registry.asked";

    /// <summary>It was carried out.</summary>
    public const string RegistryAnswered = "registry.answered";

    /// <summary>The builder's name is locked on its machine.</summary>
    public const string NameLocked = "name.locked";
    public const string NameCleaned = "name.cleaned";
    public const string DetachBefore = "detach.before";
    public const string DetachAfter = "detach.after";

    /// <summary>In a transaction: the attempt of somebody who was lost is closed, and the task put back.</summary>
    public const string ReleasePutBack = "release.put-back";
    public const string PutBackBefore = "put-back.before";
    public const string PutBackAfter = "put-back.after";

    /// <summary>A product or a log is about to be moved to the results.</summary>
    public const string CollectFlushed = "collect.flushed";
    public const string CollectMoved = "collect.moved";

    /// <summary>In the transaction that ends a task: the attempt is closed.</summary>
    public const string EndClosed = "end.closed";

    /// <summary>In that transaction: the task has its last state, its products have no rows.</summary>
    public const string EndEnded = "end.ended";

    /// <summary>In that transaction: the products have their rows.</summary>
    public const string EndListed = "end.listed";

    /// <summary>It is this process's turn to publish.</summary>
    public const string PublishBegan = "publish.began";

    /// <summary>A product lies in the pool under a name that is none.</summary>
    public const string PublishLinked = "publish.linked";
    public const string PublishPlaced = "publish.placed";

    /// <summary>The link to the new snapshot is made, and has not its name yet.</summary>
    public const string PublishLinkMade = "publish.link-made";

    /// <summary>The link has its name, which is not flushed.</summary>
    public const string PublishRenamed = "publish.renamed";

    /// <summary>The task has ended, and what no snapshot lists any more is gone.</summary>
    public const string PublishTidied = "publish.tidied";

    /// <summary>The log of an attempt that has ended is about to be stored; it is larger than a block.</summary>
    public const string LogBegan = "log.began";

    /// <summary>Its stored form lies aside, and is not flushed.</summary>
    public const string LogWritten = "log.written";
    public const string LogFlushed = "log.flushed";

    /// <summary>Both forms have their names.</summary>
    public const string LogRenamed = "log.renamed";

    /// <summary>The plain form is gone, and the note that it was to be stored is there.</summary>
    public const string LogRemoved = "log.removed";

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
        CopyWritten,
        CopyFlushed,
        IntakeBegan,
        IntakeLoaded,
        IntakeJudged,
        RegisterJob,
        RegisterTasks,
        RegistryBegan,
        RegistryWorked,
        RegistryCommitted,
        RegistryAsked,
        RegistryAnswered,
        NameLocked,
        NameCleaned,
        DetachBefore,
        DetachAfter,
        ReleasePutBack,
        PutBackBefore,
        PutBackAfter,
        CollectFlushed,
        CollectMoved,
        EndClosed,
        EndEnded,
        EndListed,
        PublishBegan,
        PublishLinked,
        PublishPlaced,
        PublishLinkMade,
        PublishRenamed,
        PublishTidied,
        LogBegan,
        LogWritten,
        LogFlushed,
        LogRenamed,
        LogRemoved,
    ];
}
