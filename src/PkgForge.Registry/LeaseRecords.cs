using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry;

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
