using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry.Views;

/// <summary>A job, as <c>status --json</c> prints it and the API answers. Times are by the registry's clock.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">As in <see cref="JobState"/>, in words: <c>partially failed</c>.</param>
/// <param name="Submitter">Who submitted it.</param>
/// <param name="Bucket">Where its products go.</param>
/// <param name="Scratch">Nothing is published.</param>
/// <param name="Submitted">When it was submitted.</param>
/// <param name="Registered">When incoming took it.</param>
/// <param name="Ended">When its last task ended; null while one can change.</param>
/// <param name="Sources">File names of its source packages, in their order.</param>
/// <param name="Reason">Why it was rejected; null unless it was.</param>
/// <param name="Priority"><c>urgent</c>, <c>normal</c> or <c>background</c>.</param>
/// <param name="Waits">Why the first of its tasks waits, in one word; null when none does.</param>
/// <param name="Tasks">Its tasks; null in a list.</param>
public sealed record JobJson(
    string Id,
    string State,
    string Submitter,
    string Bucket,
    bool Scratch,
    DateTimeOffset Submitted,
    DateTimeOffset Registered,
    DateTimeOffset? Ended,
    string[] Sources,
    string? Reason,
    string Priority,
    string? Waits,
    TaskJson[]? Tasks
)
{
    /// <summary>In which order its sources are built; only for one job, and only where its manifest can be read.</summary>
    public string? Order { get; init; }

    /// <summary>What was asked for and could not be had, a sentence each; null when all of it could.</summary>
    public string[]? Warnings { get; init; }

    /// <summary>What it waits for, in a few words, as a list says it; empty when none of its tasks waits, null where it was not asked or the job has ended.</summary>
    public string? WaitsFor { get; init; }

    /// <summary>What of it is being built now; only where the whole farm is told as it changes.</summary>
    public RunningJson[]? Building { get; init; }

    /// <summary>A job of a list.</summary>
    public static JobJson Of(JobSummary job, IReadOnlyList<Waiting> waiting) =>
        new(
            job.Id.ToString(),
            Words.Of(job.State),
            job.Submitter,
            job.Bucket,
            job.Scratch,
            job.Submitted,
            job.Registered,
            job.Ended,
            [.. job.Sources],
            job.Reason,
            job.Priority.Name(),
            WaitingText.Foremost(waiting) is { } task ? WaitingText.Word(task.Reason) : null,
            null
        )
        {
            Warnings = job.Warnings.Count == 0 ? null : [.. job.Warnings],
        };

    /// <summary>A job with its tasks.</summary>
    /// <param name="detail">The job.</param>
    /// <param name="waiting">Why its tasks wait.</param>
    /// <param name="results">The directory or address of a task's results.</param>
    public static JobJson Of(JobDetail detail, IReadOnlyList<Waiting> waiting, Func<BuildTask, string> results) =>
        Of(detail.Job, waiting) with
        {
            Tasks = [.. detail.Tasks.Select(task => TaskJson.Of(task, waiting, results(task)))],
        };
}

/// <summary>One job on one platform.</summary>
/// <param name="Platform"><c>NAME-ARCHITECTURE</c>.</param>
/// <param name="State">As in <see cref="BuildTaskState"/>, in words: <c>needs build</c>.</param>
/// <param name="CancelRequested">It is to be cancelled.</param>
/// <param name="Results">Where its logs and products are: a directory, or an address.</param>
/// <param name="Waiting">Why it waits; null when it does not.</param>
/// <param name="Attempts">All of them, oldest first.</param>
public sealed record TaskJson(
    string Platform,
    string State,
    bool CancelRequested,
    string Results,
    WaitingJson? Waiting,
    AttemptJson[] Attempts
)
{
    /// <summary>A task of a job.</summary>
    public static TaskJson Of(BuildTask task, IReadOnlyList<Waiting> waiting, string results) =>
        new(
            task.Platform.ToString(),
            Words.Of(task.State),
            task.CancelRequested,
            results,
            waiting.FirstOrDefault(why => why.Platform == task.Platform) is { } why ? WaitingJson.Of(why) : null,
            [.. task.Attempts.Select(AttemptJson.Of)]
        );
}

/// <summary>A task that is being built.</summary>
/// <param name="Platform"><c>NAME-ARCHITECTURE</c>.</param>
/// <param name="Attempt">The attempt at it.</param>
/// <param name="Builder">Who builds it.</param>
/// <param name="Since">When it began.</param>
public sealed record RunningJson(string Platform, int Attempt, string Builder, DateTimeOffset Since);

/// <summary>Why a task waits.</summary>
/// <param name="Reason">In one word.</param>
/// <param name="Details">In a sentence.</param>
/// <param name="Before">So many tasks go before it.</param>
/// <param name="Start">When it should begin; null when nobody can say.</param>
/// <param name="EstimateSeconds">How long it should take; null when its sources were never built on the platform.</param>
public sealed record WaitingJson(
    string Reason,
    string Details,
    int Before,
    DateTimeOffset? Start,
    double? EstimateSeconds
)
{
    /// <summary>The registry's time when it was asked: <see cref="Start"/> is by the same clock.</summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>Why a task waits.</summary>
    public static WaitingJson Of(Waiting waiting) =>
        new(
            WaitingText.Word(waiting.Reason),
            waiting.Details,
            waiting.Before,
            waiting.Start,
            waiting.Estimate?.TotalSeconds
        )
        {
            Now = waiting.Now,
        };
}

/// <summary>One try at a task.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Builder">Whose it was.</param>
/// <param name="Outcome">As in <see cref="AttemptOutcome"/>, in words: <c>farm fault</c>.</param>
/// <param name="Started">When it began.</param>
/// <param name="Ended">When it ended; null while it runs.</param>
/// <param name="Cause">Why the package failed; null unless it did.</param>
/// <param name="Evidence">The line of the log that shows it.</param>
/// <param name="Message">A sentence for a person.</param>
public sealed record AttemptJson(
    int Number,
    string Builder,
    string Outcome,
    DateTimeOffset Started,
    DateTimeOffset? Ended,
    string? Cause,
    string? Evidence,
    string? Message
)
{
    /// <summary>Where the evidence begins in the log, in bytes; null where it is no line of it.</summary>
    public long? EvidenceOffset { get; init; }

    /// <summary>The number of that line, from 1.</summary>
    public long? EvidenceLine { get; init; }

    /// <summary>An attempt.</summary>
    public static AttemptJson Of(Attempt attempt) =>
        new(
            attempt.Number,
            attempt.Builder,
            Words.Of(attempt.Outcome),
            attempt.Started,
            attempt.Ended,
            attempt.Cause?.Name(),
            attempt.Evidence,
            attempt.Message
        )
        {
            EvidenceOffset = attempt.Place?.Offset,
            EvidenceLine = attempt.Place?.Line,
        };
}

/// <summary>A job that was submitted.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Bucket">Where its products go.</param>
/// <param name="Sources">File names of its source packages.</param>
public sealed record SubmittedJson(string Id, string Bucket, string[] Sources)
{
    /// <summary>What was asked for and cannot be had, a sentence each; null when all of it can, or nobody could look.</summary>
    public string[]? Warnings { get; init; }

    /// <summary>A job that was submitted.</summary>
    public static SubmittedJson Of(Job job, IReadOnlyList<string> warnings) =>
        new(job.Id.ToString(), job.Bucket, [.. job.Sources]) { Warnings = warnings.Count == 0 ? null : [.. warnings] };
}

/// <summary>Tasks that were cancelled or put back.</summary>
/// <param name="Job">The job.</param>
/// <param name="Platforms">Those of its tasks.</param>
/// <param name="Withdrawn">True when the job was taken out of incoming before the farm knew of it: it is gone.</param>
public sealed record ChangedJson(string Job, string[] Platforms, bool? Withdrawn = null)
{
    /// <summary>Of tasks.</summary>
    public static ChangedJson Of(JobId job, IEnumerable<PlatformKey> platforms) =>
        new(job.ToString(), [.. platforms.Select(platform => platform.ToString())]);
}

/// <summary>A file that a task made.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
public sealed record ProductJson(string Name, long Size, string Sha256);
