using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry;

/// <summary>A job that Incoming has accepted: what the registry mirrors from the manifest.</summary>
/// <param name="Job">The manifest's content.</param>
/// <param name="ManifestSha256">SHA-256 of the bytes of <c>job.yml</c>: tells the same submission, met again after a
/// crash, from another one that uses the same id.</param>
/// <param name="Platforms">The platforms that were selected: one task each, at least one.</param>
public sealed record NewJob(Job Job, string ManifestSha256, IReadOnlyList<PlatformKey> Platforms)
{
    /// <summary>What was asked for and could not be had, a sentence each: a platform that does not exist, or is not active.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>A job that Incoming has rejected.</summary>
/// <param name="Id">Its id, or one derived from the content where the directory's name is no id or is taken.</param>
/// <param name="Submitter">Who submitted it, as far as known.</param>
/// <param name="Submitted">When.</param>
/// <param name="ManifestSha256">As in <see cref="NewJob"/>; of the directory's name where no manifest could be read.</param>
/// <param name="Reason">What was wrong, with which file or name, what was expected, what to do.</param>
/// <param name="Mail">The message to the submitter, if there is an address.</param>
public sealed record RejectedJob(
    JobId Id,
    string Submitter,
    DateTimeOffset Submitted,
    string ManifestSha256,
    string Reason,
    OutgoingMail? Mail
);

/// <summary>What became of registering a job.</summary>
public enum RegisterOutcome
{
    /// <summary>The job and its tasks are in the registry.</summary>
    Registered,

    /// <summary>This very submission (same id, same manifest) is there already: nothing was changed.</summary>
    AlreadyThere,

    /// <summary>Another job has this id: nothing was changed.</summary>
    IdTaken,
}

/// <summary>What became of an <see cref="IRegistry.RequeueAsync"/>.</summary>
public enum RequeueOutcome
{
    /// <summary>The task waits again.</summary>
    PutBack,

    /// <summary>The farm failed it too often: the task has ended as <see cref="BuildTaskState.Fail"/>.</summary>
    GivenUp,

    /// <summary>The task was to be cancelled anyway: it has ended as <see cref="BuildTaskState.Cancelled"/>.</summary>
    Cancelled,

    /// <summary>The lease is no longer the caller's: nothing was changed.</summary>
    Refused,
}

/// <summary>Which jobs to list, newest first.</summary>
/// <param name="Submitter">Only this submitter's.</param>
/// <param name="State">Only in this state.</param>
/// <param name="Limit">At most so many.</param>
/// <param name="After">Only those older than this job: the last one of the page before.</param>
public sealed record JobQuery(string? Submitter = null, JobState? State = null, int Limit = 50, JobId? After = null)
{
    /// <summary>Only those with a source package of this name; with <c>*</c> at its end, of a name that begins so.</summary>
    public string? Source { get; init; }

    /// <summary>Only those for this bucket.</summary>
    public string? Bucket { get; init; }

    /// <summary>Only those with a task on this platform.</summary>
    public PlatformKey? Platform { get; init; }

    /// <summary>Only those that the farm took at this time or later, by the database's clock.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only those that it took before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Nothing is asked but what was asked for from the first: whose, in which state.</summary>
    internal bool IsPlain => Source is null && Bucket is null && Platform is null && From is null && To is null;
}

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">Newest first.</param>
/// <param name="Next">
/// What the next page is <see cref="JobQuery.After"/>; null when there is none. A page that is not full has one where the look for jobs that fit several
/// conditions has gone through so many that do not that it ends here.
/// </param>
public sealed record JobPage(IReadOnlyList<JobSummary> Jobs, JobId? Next);

/// <summary>A job as the registry knows it: one line of <c>status</c>.</summary>
public sealed record JobSummary(
    JobId Id,
    JobState State,
    string Submitter,
    string Bucket,
    bool Scratch,
    DateTimeOffset Submitted,
    DateTimeOffset Registered,
    DateTimeOffset? Ended,
    IReadOnlyList<string> Sources,
    string? Reason
)
{
    /// <summary>How soon its tasks are to be built.</summary>
    public Priority Priority { get; init; }

    /// <summary>What was asked for and could not be had, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>A job with its tasks, ordered by platform.</summary>
public sealed record JobDetail(JobSummary Job, IReadOnlyList<BuildTask> Tasks);

/// <summary>One job on one platform, with all its attempts, oldest first.</summary>
public sealed record BuildTask(
    PlatformKey Platform,
    BuildTaskState State,
    bool CancelRequested,
    IReadOnlyList<Attempt> Attempts
)
{
    /// <summary>How long it should take, by what its sources took before; null when nobody can say.</summary>
    public TimeSpan? Estimate { get; init; }
}

/// <summary>One try at a task by one builder.</summary>
public sealed record Attempt(
    int Number,
    string Builder,
    AttemptOutcome Outcome,
    DateTimeOffset Started,
    DateTimeOffset? Ended,
    Cause? Cause,
    string? Evidence,
    string? Message
)
{
    /// <summary>Where the evidence stands in the attempt's log; null where it is no line of it.</summary>
    public LogPlace? Place { get; init; }
}

/// <summary>An attempt that succeeded.</summary>
/// <param name="Job">Its job.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Bucket">The job's bucket.</param>
/// <param name="Ended">When it ended.</param>
public sealed record LastSuccess(JobId Job, int Attempt, string Bucket, DateTimeOffset Ended);
