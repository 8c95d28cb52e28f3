using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Handlers;
using PkgForge.Server.Publishing;
using PkgForge.Server.Reporting;
using PkgForge.Sources;
using PkgForge.Spool;

namespace PkgForge.Server.Builders;

/// <summary>
/// Ends a task on the farm's side: (1) publishes its products, by one rename, while the lease is held; (2) closes its log; (3) commits the end
/// in one transaction: the task's state, its products, the job's state and the mail.
/// <para>
/// Guaranteed if the process dies: before (3) the task is still its builder's, and its end can be told again, or the lease runs out and it
/// is built again; what (1) had published is then replaced by file name. After (3) nothing is lost: the mail waits in the
/// outbox, and the end told again finds itself done.
/// </para>
/// </summary>
internal sealed class TaskEnding(Farm farm, OrderReader orders, TaskPublishing publishing, Heartbeats heartbeats)
{
    public async Task<EndOutcome> EndAsync(ClaimedTask task, TaskEnd end, CancellationToken cancel)
    {
        if (!await heartbeats.IsHeldAsync(task, cancel))
            return await AgainAsync(task, end);
        var lines = new List<string>();
        string? refusal = null;
        if (end.State == BuildTaskState.Success)
        {
            var products = publishing.Verify(task, end);
            FaultPoint.Reach(FaultPoints.FinishVerified);
            var job = orders.Job(task);
            var published = job.Scratch ? null : await publishing.PublishAsync(task, job.Bucket, products, cancel);
            if (published is { Outcome.State: PublishState.Lost })
                return await AgainAsync(task, end);
            FaultPoint.Reach(FaultPoints.FinishPublished);
            refusal = published?.Outcome.Message;
            lines.AddRange(published is null ? [] : [published.Value.Line]);
        }
        end = refusal is null ? end : Refused(end, refusal);
        lines.Add($"{task.Job} on {task.Platform}: {end.State.Name()}");
        FarmLines.Append(Attempt(task).Log, lines, farm.Time);
        FaultPoint.Reach(FaultPoints.BuilddPublished);
        return new(await CommitAsync(task, end) ? end.State : null, refusal);
    }

    /// <summary>The mail about a task's end; null when nobody asked for one, or the farm sends none.</summary>
    public OutgoingMail? Report(ClaimedTask task, TaskEnd end) =>
        farm.Configuration.Mail is not null && orders.TryJob(task) is { } job
            ? TaskReport.Render(new(job, task, Attempt(task).Path, end))
            : null;

    private AttemptDirectory Attempt(ClaimedTask task) =>
        new(farm.Spool.Results.PathOf(task.Job, task.Platform, task.Attempt));

    private static TaskEnd Refused(TaskEnd end, string why) =>
        end with
        {
            State = BuildTaskState.Fail,
            Cause = Cause.Packaging,
            Evidence = null,
            Message = why,
            Products = [],
        };

    // Not cancelled half way: its answer is what everybody goes by.
    private async Task<bool> CommitAsync(ClaimedTask task, TaskEnd end)
    {
        var result = Result(end) with { Mail = Report(task, end), Durations = Durations(end) };
        FaultPoint.Reach(FaultPoints.FinishBeforeCommit);
        var ended = await farm.Registry.FinishTaskAsync(task.Lease, result, CancellationToken.None);
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
        );

    private static Dictionary<string, TimeSpan> Durations(TaskEnd end)
    {
        var durations = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        foreach (var source in end.Sources.Where(source => source.Cause is null))
            durations[SourceName.Of(source.File)] = source.Time;
        return durations;
    }
}
