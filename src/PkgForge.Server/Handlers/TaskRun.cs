using Microsoft.Extensions.Logging;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Reporting;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>
/// Does one claimed task, from claim to end (DESIGN 3.3).
/// <para>
/// Guaranteed if the process dies: at any point before (3) the lease runs out, or the builder's next process finds the task
/// still its own: the attempt is closed as lost, its log kept, and the task is built again from the start. Products become
/// visible in (2), by one rename, and only while the lease is held; dying between (2) and (3) builds and publishes the same
/// task once more, which replaces what it published. (3) is one transaction: the task's end, its products, the job's
/// state and the mail. Dying after it loses nothing: the mail waits in the outbox.
/// </para>
/// </summary>
/// <param name="farm">What it works with.</param>
/// <param name="session">The builder that claimed it.</param>
/// <param name="directory">The builder's own directory.</param>
internal sealed class TaskRun(Farm farm, BuilderSession session, string directory)
{
    /// <summary>Builds, publishes and ends the task; or puts it back. Returns when the task is no longer this builder's.</summary>
    public async Task RunAsync(ClaimedTask claimed, CancellationToken shutdown)
    {
        farm.Log.Building(claimed.Job.ToString(), claimed.Platform.ToString(), claimed.Attempt);
        FaultPoint.Reach(FaultPoints.BuilddClaimed);
        await using var keeper = new LeaseKeeper(farm, claimed, shutdown);
        try
        {
            await WorkAsync(claimed, keeper);
        }
        catch (OperationCanceledException) when (keeper.Token.IsCancellationRequested)
        {
            await StopAsync(claimed, keeper.Reason);
        }
        catch (Exception e) when (e is FarmFaultException or IOException or UnauthorizedAccessException)
        {
            await PutBackAsync(claimed, AttemptOutcome.FarmFault, e.Message);
        }
    }

    private async Task WorkAsync(ClaimedTask claimed, LeaseKeeper keeper)
    {
        var results = farm.Spool.Results.Create(claimed.Job, claimed.Platform, claimed.Attempt); // (1)
        TaskBuild build;
        using (var log = new BuildLog($"{results}/log", farm.Configuration.Limits.Log, farm.Time))
        {
            build = await TaskBuild.RunAsync(farm, claimed, directory, log, keeper.Token);
            await new TaskProducts(farm, claimed, results, log).HandOverAsync(build, keeper); // (2)
            log.Say($"{claimed.Job} on {claimed.Platform}: {(build.Failure is null ? "success" : "fail")}");
            log.Flush();
        }
        FaultPoint.Reach(FaultPoints.BuilddPublished);
        await FinishAsync(claimed, build, results); // (3)
        FaultPoint.Reach(FaultPoints.BuilddFinished);
    }

    private async Task FinishAsync(ClaimedTask claimed, TaskBuild build, string results)
    {
        var failure = build.Failure;
        var state = failure is null ? BuildTaskState.Success : BuildTaskState.Fail;
        var mail = TaskReport.Render(build.Describe(claimed, session.Builder, results));
        var result = new TaskResult(state, failure?.Cause, failure?.Evidence, failure?.Message, build.Products, mail);
        if (await farm.Registry.FinishTaskAsync(claimed.Lease, result, CancellationToken.None))
            farm.Log.Ended(claimed.Job.ToString(), claimed.Platform.ToString(), state.ToString(), Details(failure));
        else
            farm.Log.LeaseLost(claimed.Job.ToString(), claimed.Platform.ToString());
    }

    private static string Details(BuildOutcome? failure) =>
        failure is null ? "" : $": {failure.Cause!.Value.Name()}: {failure.Message}";

    private async Task StopAsync(ClaimedTask claimed, StopReason reason)
    {
        switch (reason)
        {
            case StopReason.Lost:
                farm.Log.LeaseLost(claimed.Job.ToString(), claimed.Platform.ToString());
                break;
            case StopReason.Cancelled:
                var cancelled = new TaskResult(BuildTaskState.Cancelled, null, null, "cancelled by request", [], null);
                await farm.Registry.FinishTaskAsync(claimed.Lease, cancelled, CancellationToken.None);
                farm.Log.Ended(claimed.Job.ToString(), claimed.Platform.ToString(), "cancelled", "");
                break;
            default:
                await PutBackAsync(claimed, AttemptOutcome.Interrupted, "the builder was stopped");
                break;
        }
    }

    private async Task PutBackAsync(ClaimedTask claimed, AttemptOutcome outcome, string reason)
    {
        var became = await farm.Registry.RequeueAsync(claimed.Lease, outcome, reason, CancellationToken.None);
        var text = became == RequeueOutcome.GivenUp ? $"{reason}; failed by the farm too often, given up" : reason;
        farm.Log.PutBack(claimed.Job.ToString(), claimed.Platform.ToString(), text);
    }
}
