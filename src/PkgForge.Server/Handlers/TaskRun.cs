using Microsoft.Extensions.Logging;
using PkgForge.Jobs;
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
    private CancellationToken stopping;

    /// <summary>Builds, publishes and ends the task; or puts it back. Returns when the task is no longer this builder's.</summary>
    public async Task RunAsync(ClaimedTask claimed, CancellationToken shutdown)
    {
        stopping = shutdown;
        farm.Log.Building(claimed.Job.ToString(), claimed.Platform.ToString(), claimed.Attempt);
        FaultPoint.Reach(FaultPoints.BuilddClaimed);
        await using var keeper = new LeaseKeeper(farm, claimed, shutdown);
        Job? job = null;
        try
        {
            job = ReadJob(claimed);
            await WorkAsync(claimed, job, keeper);
        }
        catch (OperationCanceledException) when (keeper.Token.IsCancellationRequested)
        {
            await StopAsync(claimed, job, keeper.Reason);
        }
        catch (Exception e) when (e is FarmFaultException or IOException or UnauthorizedAccessException)
        {
            await PutBackAsync(claimed, job, AttemptOutcome.FarmFault, e.Message);
        }
    }

    private Job ReadJob(ClaimedTask claimed)
    {
        var read = farm.Spool.Accepted.Read(claimed.Job);
        return read.Job
            ?? throw new FarmFaultException($"the accepted manifest of {claimed.Job} cannot be read: {read.Error}");
    }

    private async Task WorkAsync(ClaimedTask claimed, Job job, LeaseKeeper keeper)
    {
        var results = farm.Spool.Results.Create(claimed.Job, claimed.Platform, claimed.Attempt); // (1)
        TaskBuild build;
        using (var log = new BuildLog($"{results}/log", farm.Configuration.Limits.Log, farm.Time))
        {
            build = await TaskBuild.RunAsync(farm, job, claimed, directory, log, keeper.Token);
            await new TaskProducts(farm, claimed, results, log).HandOverAsync(build, keeper); // (2)
            log.Say($"{claimed.Job} on {claimed.Platform}: {(build.Failure is null ? "success" : "fail")}");
            log.Flush();
        }
        FaultPoint.Reach(FaultPoints.BuilddPublished);
        await FinishAsync(claimed, job, build); // (3)
        FaultPoint.Reach(FaultPoints.BuilddFinished);
    }

    private Task FinishAsync(ClaimedTask claimed, Job job, TaskBuild build)
    {
        var failure = build.Failure;
        var state = failure is null ? BuildTaskState.Success : BuildTaskState.Fail;
        var mail = Report(claimed, job, state, null, build);
        return EndAsync(claimed, new(state, failure?.Cause, failure?.Evidence, failure?.Message, build.Products, mail));
    }

    private async Task EndAsync(ClaimedTask claimed, TaskResult result)
    {
        var details = result.Cause is { } cause ? $": {cause.Name()}: {result.Message}" : "";
        if (
            await InsistAsync(
                claimed,
                () => farm.Registry.FinishTaskAsync(claimed.Lease, result, CancellationToken.None)
            )
        )
            farm.Log.Ended(claimed.Job.ToString(), claimed.Platform.ToString(), result.State.Name(), details);
        else
            farm.Log.LeaseLost(claimed.Job.ToString(), claimed.Platform.ToString());
    }

    private async Task StopAsync(ClaimedTask claimed, Job? job, StopReason reason)
    {
        const string Why = "cancelled by request";
        switch (reason)
        {
            case StopReason.Lost:
                farm.Log.LeaseLost(claimed.Job.ToString(), claimed.Platform.ToString());
                break;
            case StopReason.Cancelled:
                var mail = Report(claimed, job, BuildTaskState.Cancelled, Why, null);
                await EndAsync(claimed, new(BuildTaskState.Cancelled, null, null, Why, [], mail));
                break;
            default:
                await PutBackAsync(claimed, job, AttemptOutcome.Interrupted, "the builder was stopped");
                break;
        }
    }

    private async Task PutBackAsync(ClaimedTask claimed, Job? job, AttemptOutcome outcome, string reason)
    {
        var givenUp = $"the farm failed, and gives this task up after several tries: {reason}";
        var mail = Report(claimed, job, BuildTaskState.Fail, givenUp, null);
        var became = await InsistAsync(
            claimed,
            () => farm.Registry.RequeueAsync(claimed.Lease, outcome, reason, mail, CancellationToken.None)
        );
        farm.Log.PutBack(
            claimed.Job.ToString(),
            claimed.Platform.ToString(),
            became == RequeueOutcome.GivenUp ? givenUp : reason
        );
    }

    /// <summary>
    /// A registry that is away for longer than one call waits does not cost the work of hours: it is asked until it
    /// answers, and its answer says whether the lease still held. Once this process is to stop, one more try is all.
    /// </summary>
    private async Task<T> InsistAsync<T>(ClaimedTask claimed, Func<Task<T>> ask)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (RegistryUnavailableException e) when (!stopping.IsCancellationRequested)
            {
                farm.Log.NoHeartbeat(claimed.Job.ToString(), claimed.Platform.ToString(), e.Message);
                await Task.Delay(farm.Configuration.Heartbeat, farm.Time, stopping)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>The mail about the task's end; null when nobody asked for one, or the farm sends none.</summary>
    private OutgoingMail? Report(ClaimedTask claimed, Job? job, BuildTaskState state, string? note, TaskBuild? build)
    {
        if (job is null || farm.Configuration.Mail is null)
            return null;
        var results = farm.Spool.Results.PathOf(claimed.Job, claimed.Platform, claimed.Attempt);
        return TaskReport.Render(
            new(
                job,
                claimed,
                session.Builder,
                results,
                state,
                note,
                build?.Outcomes ?? new Dictionary<string, BuildOutcome>(),
                build?.Failure,
                build?.Products ?? []
            )
        );
    }
}
