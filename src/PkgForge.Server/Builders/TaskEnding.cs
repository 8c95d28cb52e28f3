using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Handlers;
using PkgForge.Server.Publishing;
using PkgForge.Server.Reporting;
using PkgForge.Sources;
using PkgForge.Spool;

namespace PkgForge.Server.Builders;

/// <summary>
/// Ends a task on the farm's side: (1) makes the snapshot of its bucket with its products, which nobody sees yet, and closes the log; (2) commits
/// the end in one transaction: the task's state, its products, the job's state and the mail. Immediately before that commit, while the task's row
/// is locked under its lease, the snapshot is switched to, by one rename.
/// <para>
/// Guaranteed if the process dies: before (2) the task is still its builder's, and its end can be told again, or the lease runs out and it
/// is built again; if the switch had been done and the commit not, the next publish in the bucket, or the next start of a builder, takes it back. After (2) nothing is lost: the
/// mail waits in the outbox, and the end told again finds itself done. However long the process is stopped, and wherever: who has lost the
/// lease switches nothing.
/// </para>
/// </summary>
internal sealed class TaskEnding(Farm farm, OrderReader orders, TaskPublishing publishing, Heartbeats heartbeats)
{
    public async Task<EndOutcome> EndAsync(ClaimedTask task, TaskEnd end, CancellationToken cancel)
    {
        if (!await heartbeats.IsHeldAsync(task, cancel))
            return await AgainAsync(task, end);
        if (end.State == BuildTaskState.Success)
            return await SucceedAsync(task, end, cancel);
        return await CommitAsync(task, end, []) ? new(end.State, null) : new(null, null);
    }

    private async Task<EndOutcome> SucceedAsync(ClaimedTask task, TaskEnd end, CancellationToken cancel)
    {
        var products = publishing.Verify(task, end);
        FaultPoint.Reach(FaultPoints.FinishVerified);
        var job = orders.Job(task);
        if (job.Scratch)
            return await CommitAsync(task, end, []) ? new(end.State, null) : new(null, null);
        var repository = await publishing.FindAsync(task, job.Bucket, cancel);
        var published = await repository.PublishAsync(
            products,
            PlatformBuckets.Mark(task.Lease.Attempt),
            (snapshot, switchOver) =>
                CommitAsync(
                    task,
                    end,
                    [$"published in bucket {job.Bucket}, snapshot {snapshot}: {repository.Directory}"],
                    switchOver,
                    ProductSource.Taken(repository, products, job.Sources)
                ),
            cancel
        );
        FaultPoint.Reach(FaultPoints.FinishPublished);
        return published.State switch
        {
            PublishState.Published => new(end.State, null),
            PublishState.Refused => await RefuseAsync(task, end, published.Message!),
            _ => await AgainAsync(task, end),
        };
    }

    private async Task<EndOutcome> RefuseAsync(ClaimedTask task, TaskEnd end, string why)
    {
        string[] lines = [$"failed: {Cause.Packaging.Name()}: {why}"];
        return await CommitAsync(task, Refused(end, why), lines) ? new(BuildTaskState.Fail, why) : new(null, null);
    }

    /// <summary>The mail about a task's end; null when nobody asked for one, or the farm sends none.</summary>
    /// <param name="task">The task.</param>
    /// <param name="end">What it has come to.</param>
    /// <param name="warnings">What was asked for with its job and could not be had.</param>
    public OutgoingMail? Report(ClaimedTask task, TaskEnd end, IReadOnlyList<string> warnings) =>
        farm.Configuration.Mail is not null && orders.TryJob(task) is { } job
            ? TaskReport.Render(
                new(job, task, Attempt(task).Path, end) { Excerpt = ExcerptOf(task, end), Warnings = warnings }
            )
            : null;

    /// <summary>Asked only where somebody is to be told.</summary>
    private async Task<IReadOnlyList<string>> WarningsAsync(ClaimedTask task) =>
        farm.Configuration.Mail is not null && orders.TryJob(task) is { Report.Count: > 0 }
            ? (await farm.Registry.FindJobAsync(task.Job, CancellationToken.None))?.Job.Warnings ?? []
            : [];

    private IReadOnlyList<ExcerptLine> ExcerptOf(ClaimedTask task, TaskEnd end)
    {
        try
        {
            return end.Place is { } place ? LogExcerpt.Read(Attempt(task).Log, place) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A mail without it is better than none.
            return [];
        }
    }

    private AttemptDirectory Attempt(ClaimedTask task) =>
        new(farm.Spool.Results.PathOf(task.Job, task.Platform, task.Attempt));

    private static TaskEnd Refused(TaskEnd end, string why) =>
        end with
        {
            State = BuildTaskState.Fail,
            Cause = Cause.Packaging,
            Evidence = null,
            Place = null,
            Message = why,
            Products = [],
        };

    // Not cancelled half way: its answer is what everybody goes by.
    private async Task<bool> CommitAsync(
        ClaimedTask task,
        TaskEnd end,
        IReadOnlyList<string> lines,
        Action? whileHeld = null,
        IReadOnlyDictionary<string, string?>? published = null
    )
    {
        FarmLines.Append(
            Attempt(task).Log,
            [.. lines, $"{task.Job} on {task.Platform}: {end.State.Name()}"],
            farm.Time
        );
        FaultPoint.Reach(FaultPoints.BuilddPublished);
        var result = Result(end) with
        {
            Mail = Report(task, end, await WarningsAsync(task)),
            Durations = Durations(task, end),
            FailedSource = FailedSource(task, end),
            Published = published ?? new Dictionary<string, string?>(),
        };
        FaultPoint.Reach(FaultPoints.FinishBeforeCommit);
        var ended = await farm.Registry.FinishTaskAsync(task.Lease, result, whileHeld, CancellationToken.None);
        FaultPoint.Reach(FaultPoints.FinishCommitted);
        return ended;
    }

    /// <summary>
    /// The task is not held any more: the lease was lost, and nothing is touched; or this very end was committed before, and its
    /// answer did not arrive. The registry tells which, and a success that a bucket refused is a fail by now.
    /// </summary>
    private async Task<EndOutcome> AgainAsync(ClaimedTask task, TaskEnd end)
    {
        if (await farm.Registry.FinishTaskAsync(task.Lease, Result(end), CancellationToken.None))
            return new(end.State, null);
        var refused = Result(Refused(end, ""));
        if (
            end.State == BuildTaskState.Success
            && await farm.Registry.FinishTaskAsync(task.Lease, refused, CancellationToken.None)
        )
            return new(BuildTaskState.Fail, await RefusalAsync(task));
        return new(null, null);
    }

    private async Task<string?> RefusalAsync(ClaimedTask task) =>
        (await farm.Registry.FindJobAsync(task.Job, CancellationToken.None))
            ?.Tasks.FirstOrDefault(other => other.Platform == task.Platform)
            ?.Attempts.FirstOrDefault(attempt => attempt.Number == task.Attempt)
            ?.Message;

    private static TaskResult Result(TaskEnd end) =>
        new(
            end.State,
            end.Cause,
            end.Evidence,
            end.Message,
            end.State == BuildTaskState.Success ? end.Products : [],
            Mail: null
        )
        {
            Place = end.Place,
        };

    /// <summary>The source that failed last; the only one, where what failed came after the builds.</summary>
    private string? FailedSource(ClaimedTask task, TaskEnd end) =>
        end.State == BuildTaskState.Fail && orders.TryJob(task) is { } job
            ? end.Sources.LastOrDefault(source => source.Cause is not null && job.Sources.Contains(source.File))?.File
                ?? (job.Sources is [var only] ? only : null)
            : null;

    /// <summary>Of the job's own sources only: a builder that names others would change what is expected of other jobs.</summary>
    private Dictionary<string, TimeSpan> Durations(ClaimedTask task, TaskEnd end)
    {
        var durations = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        if (orders.TryJob(task) is not { } job)
            return durations;
        var own = job.Sources.ToHashSet(StringComparer.Ordinal);
        foreach (var source in end.Sources.Where(source => source.Cause is null && own.Contains(source.File)))
            durations[SourceName.Of(source.File)] = source.Time;
        return durations;
    }
}
