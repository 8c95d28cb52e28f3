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

/// <summary>What somebody waits for.</summary>
public readonly record struct Topic
{
    private Topic(string name) => Name = name;

    /// <summary>As it stands in a notification: a platform's name without case, or <c>@</c> and a builder's.</summary>
    public string Name { get; }

    /// <summary>Tasks of a platform that can be claimed.</summary>
    public static Topic Tasks(PlatformKey platform) => new(platform.ToString().ToLowerInvariant());

    /// <summary>A task of any job has come, ended, or waits again. Claims are not told: that they are one statement matters more.</summary>
    public static Topic Jobs { get; } = new("#");

    /// <summary>Requests to a builder about the task that it holds.</summary>
    public static Topic Requests(string builder) => new($"@{builder}");
}

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

/// <summary>The task that a builder is building.</summary>
public sealed record CurrentTask(JobId Job, PlatformKey Platform, int Attempt, DateTimeOffset Since);

/// <summary>
/// A process' hold on a builder's name. <see cref="Number"/> grows with each process: what an older one says is refused.
/// </summary>
public sealed record BuilderSession(string Builder, PlatformKey Platform, long Number);

/// <summary>One try at a task.</summary>
/// <param name="TaskId">Of which task.</param>
/// <param name="Number">1 for the first, then counting up.</param>
public sealed record AttemptKey(long TaskId, long Number);

/// <summary>
/// The right to change one task. A change under a lease that is no longer the task's is refused, and changes nothing.
/// <para>
/// A claim does not wait for the disk: a database server that crashes within a second of it may have forgotten it, and give the same number of the same task again. So a
/// lease is also whose it is: the builder's, and that of its process.
/// </para>
/// </summary>
/// <param name="TaskId">Which task.</param>
/// <param name="Number">The number of the attempt.</param>
/// <param name="Builder">Whose it is.</param>
/// <param name="Session">Of which of the builder's processes: see <see cref="BuilderSession.Number"/>.</param>
public sealed record Lease(long TaskId, long Number, string Builder, long Session)
{
    /// <summary>The attempt that it was given for.</summary>
    public AttemptKey Attempt => new(TaskId, Number);
}

/// <summary>A task that a builder has just claimed.</summary>
/// <param name="Lease">What it holds.</param>
/// <param name="Job">The job; its manifest lies in the spool's accepted area.</param>
/// <param name="Platform">The platform.</param>
public sealed record ClaimedTask(Lease Lease, JobId Job, PlatformKey Platform)
{
    /// <summary>Who claimed it.</summary>
    public string Builder => Lease.Builder;

    /// <summary>1 for the first try at this task, then counting up: the name of the attempt's result directory.</summary>
    public int Attempt => (int)Lease.Number;
}

/// <summary>What the registry answers to a heartbeat.</summary>
public enum LeaseAnswer
{
    /// <summary>The lease is renewed: go on.</summary>
    Continue,

    /// <summary>The lease is renewed, and the user wants the task stopped.</summary>
    Cancel,

    /// <summary>The lease is no longer yours: stop, throw the work away, change nothing.</summary>
    Lost,
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

/// <summary>A file that a task made, as it is registered with the task's success.</summary>
/// <param name="FileName">Plain name, unique within the task.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits; what the file is known by from then on.</param>
public sealed record Product(string FileName, long Size, string Sha256);

/// <summary>What an attempt came to, for <see cref="IRegistry.FinishTaskAsync(Lease, TaskResult, Action?, CancellationToken)"/>.</summary>
/// <param name="State">The task's new state: success, fail or cancelled.</param>
/// <param name="Cause">Why it failed; null unless it did.</param>
/// <param name="Evidence">The line of the log that shows it, at most 500 characters.</param>
/// <param name="Message">One sentence for a person.</param>
/// <param name="Products">What it made; empty unless it succeeded.</param>
/// <param name="Mail">The report to send, committed with the result, so that it is neither lost nor sent for nothing.</param>
public sealed record TaskResult(
    BuildTaskState State,
    Cause? Cause,
    string? Evidence,
    string? Message,
    IReadOnlyList<Product> Products,
    OutgoingMail? Mail
)
{
    /// <summary>Where the evidence stands in the attempt's log; null where it is no line of it.</summary>
    public LogPlace? Place { get; init; }

    /// <summary>The main file of the source package that failed; null unless one did.</summary>
    public string? FailedSource { get; init; }

    /// <summary>
    /// The files that a bucket took, and of each the main file of the source package that it is of; null where nobody can tell. Empty for a scratch job.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Published { get; init; } = new Dictionary<string, string?>();

    /// <summary>How long the builds of its sources took, by the source's name: what estimates are learnt from. Only of those that were built.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Durations { get; init; } = new Dictionary<string, TimeSpan>();
}

/// <summary>A mail that waits in the outbox.</summary>
/// <param name="To">Addresses.</param>
/// <param name="Subject">One line.</param>
/// <param name="Headers">Further headers, e.g. <c>X-PkgForge-Status</c>.</param>
/// <param name="Body">Plain text.</param>
public sealed record OutgoingMail(
    IReadOnlyList<string> To,
    string Subject,
    IReadOnlyDictionary<string, string> Headers,
    string Body
);

/// <summary>A mail taken from the outbox for one try at sending it.</summary>
/// <param name="Id">Its row.</param>
/// <param name="Tries">How often it was taken, this time included.</param>
/// <param name="Mail">What to send.</param>
public sealed record OutboxItem(long Id, int Tries, OutgoingMail Mail);

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

/// <summary>An attempt that succeeded.</summary>
/// <param name="Job">Its job.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Bucket">The job's bucket.</param>
/// <param name="Ended">When it ended.</param>
public sealed record LastSuccess(JobId Job, int Attempt, string Bucket, DateTimeOffset Ended);

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">Newest first.</param>
/// <param name="Next">
/// What the next page is <see cref="JobQuery.After"/>; null when there is none. A page that is not full has one where the look for jobs that fit several
/// conditions has gone through so many that do not that it ends here.
/// </param>
public sealed record JobPage(IReadOnlyList<JobSummary> Jobs, JobId? Next);
