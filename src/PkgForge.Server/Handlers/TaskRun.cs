using Microsoft.Extensions.Logging;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Configuration;
using PkgForge.Server.Reporting;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>
/// Does one claimed task, from claim to end (DESIGN 3.3): (1) fetches what the build reads, and opens the place of its log; (2) builds, checks
/// and hands over (<see cref="TaskWork"/>); (3) tells the farm the end, which publishes and commits it.
/// <para>
/// Guaranteed if the process dies: at any point before (3) the lease runs out, or the builder's next process finds the task
/// still its own: the attempt is closed as lost, as much of its log kept as was handed over, and the task is built again from the start.
/// Nothing of (2) is visible in a bucket. (3) is the farm's: what holds when it dies in the middle of it, its own side says
/// (<see cref="Builders.TaskEnding"/>); a builder that dies there finds the task ended, or still its own.
/// </para>
/// </summary>
/// <param name="farm">The farm.</param>
/// <param name="site">What this machine has.</param>
/// <param name="post">The farm's terms.</param>
/// <param name="directory">The builder's own directory.</param>
internal sealed class TaskRun(IBuilderFarm farm, BuilderSite site, BuilderPost post, string directory)
{
    /// <summary>How long a task that is stopped waits for the rest of its log to arrive.</summary>
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(5);

    /// <summary>Builds and ends the task; or puts it back. Returns when the task is no longer this builder's.</summary>
    public async Task RunAsync(ClaimedTask claimed, CancellationToken shutdown)
    {
        site.Log.Building(claimed.Job.ToString(), claimed.Platform.ToString(), claimed.Attempt);
        FaultPoint.Reach(FaultPoints.BuilddClaimed);
        var insist = new Insistence(site, claimed, post.Heartbeat, shutdown);
        await using var keeper = new LeaseKeeper(farm, (claimed, post.Heartbeat), site, shutdown);
        IAttemptStore? store = null;
        var notes = new AttemptNotes(site, claimed);
        try
        {
            var fetching = FetchAsync(claimed, insist, keeper.Token); // (1)
            try
            {
                store = await insist.AskAsync(
                    () => farm.OpenStoreAsync(claimed, directory, keeper.Token),
                    keeper.Token
                );
            }
            finally
            {
                // Whatever came of the other: nothing is to be put into the builder's directory any more.
                await ((Task)fetching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            var order = await fetching;
            FaultPoint.Reach(FaultPoints.BuilddOpened);
            var end = await new TaskWork(site, (store, notes), insist, directory).DoAsync(claimed, order, keeper.Token); // (2)
            keeper.ExpectEnd();
            await EndAsync(claimed, end, insist, keeper.Token); // (3)
            FaultPoint.Reach(FaultPoints.BuilddFinished);
        }
        catch (OperationCanceledException) when (keeper.Token.IsCancellationRequested)
        {
            await SendAsync(store, notes);
            await StopAsync(claimed, keeper, insist);
        }
        catch (LeaseLostException)
        {
            site.Log.LeaseLost(claimed.Job.ToString(), claimed.Platform.ToString());
        }
        catch (Exception e) when (e is MachineLacksException or ConfigurationException)
        {
            await SendAsync(store, notes);
            await RefuseAsync(claimed, e.Message, insist);
        }
        catch (Exception e) when (e is FarmFaultException or IOException or UnauthorizedAccessException)
        {
            await SendAsync(store, notes);
            await PutBackAsync(claimed, AttemptOutcome.FarmFault, e.Message, insist);
        }
        finally
        {
            if (store is not null)
                await store.DisposeAsync();
        }
    }

    /// <summary>Beside the place of the log, not after it: both wait for disks, or for the way to the farm.</summary>
    private async Task<TaskOrder> FetchAsync(ClaimedTask claimed, Insistence insist, CancellationToken cancel)
    {
        var order = await Task.Run(
            () => insist.AskAsync(() => farm.FetchAsync(claimed, directory, cancel), cancel),
            CancellationToken.None
        );
        FaultPoint.Reach(FaultPoints.BuilddFetched);
        return order;
    }

    private async Task EndAsync(ClaimedTask claimed, TaskEnd end, Insistence insist, CancellationToken cancel)
    {
        var outcome = await insist.AskAsync(() => farm.FinishAsync(claimed, end, cancel), cancel);
        if (outcome.State is not { } state)
        {
            site.Log.LeaseLost(claimed.Job.ToString(), claimed.Platform.ToString());
            return;
        }
        var cause = outcome.Message is null ? end.Cause : Cause.Packaging;
        var details = cause is { } known ? $": {known.Name()}: {outcome.Message ?? end.Message}" : "";
        site.Log.Ended(claimed.Job.ToString(), claimed.Platform.ToString(), state.Name(), details);
    }

    private async Task StopAsync(ClaimedTask claimed, LeaseKeeper keeper, Insistence insist)
    {
        switch (keeper.Reason)
        {
            case StopReason.Lost:
                site.Log.LeaseLost(claimed.Job.ToString(), claimed.Platform.ToString());
                break;
            case StopReason.Cancelled:
                var end = new TaskEnd(BuildTaskState.Cancelled, null, null, "cancelled by request", [], []);
                keeper.ExpectEnd();
                await EndAsync(claimed, end, insist, CancellationToken.None);
                break;
            default:
                await PutBackAsync(claimed, AttemptOutcome.Interrupted, "the builder was stopped", insist);
                break;
        }
    }

    private async Task PutBackAsync(ClaimedTask claimed, AttemptOutcome outcome, string reason, Insistence insist)
    {
        var became = await insist.AskAsync(() => farm.PutBackAsync(claimed, outcome, reason, CancellationToken.None));
        if (became == RequeueOutcome.Refused)
        {
            site.Log.LeaseLost(claimed.Job.ToString(), claimed.Platform.ToString());
            return;
        }
        var why = became == RequeueOutcome.GivenUp ? $"the farm gives it up after several tries: {reason}" : reason;
        site.Log.PutBack(claimed.Job.ToString(), claimed.Platform.ToString(), why);
    }

    private async Task RefuseAsync(ClaimedTask claimed, string reason, Insistence insist)
    {
        if (await insist.AskAsync(() => farm.RefuseAsync(claimed, reason, CancellationToken.None)))
            site.Log.Refused(claimed.Job.ToString(), claimed.Platform.ToString(), reason);
        else
            site.Log.LeaseLost(claimed.Job.ToString(), claimed.Platform.ToString());
    }

    /// <summary>Log and record of what was stopped are worth a moment, not more: it may be that the farm is away, or the lease.</summary>
    private async Task SendAsync(IAttemptStore? store, AttemptNotes notes)
    {
        if (store is null)
            return;
        using var limit = new CancellationTokenSource(LogPatience, site.Time);
        try
        {
            await notes.KeepAsync(store, directory, limit.Token);
            await store.FlushAsync(limit.Token);
        }
        catch (Exception e)
            when (e
                    is OperationCanceledException
                        or FarmUnavailableException
                        or LeaseLostException
                        or FarmFaultException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            // What has arrived stays.
        }
    }
}
