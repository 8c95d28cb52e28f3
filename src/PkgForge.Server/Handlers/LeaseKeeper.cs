using Microsoft.Extensions.Logging;
using PkgForge.Registry;
using PkgForge.Registry.Builders;

namespace PkgForge.Server.Handlers;

/// <summary>Why a builder has to stop what it builds.</summary>
internal enum StopReason
{
    /// <summary>It need not.</summary>
    None,

    /// <summary>The user cancelled the task.</summary>
    Cancelled,

    /// <summary>The lease is another's: nothing may be changed any more.</summary>
    Lost,
}

/// <summary>
/// Renews the lease of a task while it is worked on: with every heartbeat, and as soon as the user asks something of it; and stops the work
/// when the farm says so. A farm that cannot be reached is asked again at the next beat: the work goes on, because the lease is only lost when the farm says
/// that it is.
/// </summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    /// <summary>What was asked before the builder listened is heard by the first beat, which therefore comes soon.</summary>
    private static readonly TimeSpan FirstBeat = TimeSpan.FromSeconds(1);

    /// <summary>A wake-up is a hint, and may be meant for others: however many there are, there are no more than four beats a second.</summary>
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(250);

    private readonly IBuilderFarm farm;
    private readonly ClaimedTask claimed;
    private readonly BuilderSite site;
    private readonly TimeSpan heartbeat;
    private readonly CancellationTokenSource stop;
    private readonly CancellationTokenSource ended = new();
    private readonly Task beating;
    private volatile StopReason reason;
    private volatile bool ending;

    public LeaseKeeper(
        IBuilderFarm farm,
        (ClaimedTask Claimed, TimeSpan Heartbeat) task,
        BuilderSite site,
        CancellationToken shutdown
    )
    {
        (this.farm, this.site, claimed, heartbeat) = (farm, site, task.Claimed, task.Heartbeat);
        stop = CancellationTokenSource.CreateLinkedTokenSource(shutdown);
        // Beside the work: to open a waiting place takes longer than to begin a build.
        beating = Task.Run(BeatAsync, CancellationToken.None);
    }

    /// <summary>Cancelled when the work is to be stopped: by the user, by the loss of the lease, or by the end of this process.</summary>
    public CancellationToken Token => stop.Token;

    /// <summary>Why, when it was not the end of this process.</summary>
    public StopReason Reason => reason;

    /// <summary>The end is being told: a lease that is no longer there is from now on what must be, and its answer says what it came to.</summary>
    public void ExpectEnd() => ending = true;

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await beating;
        ended.Dispose();
        stop.Dispose();
    }

    private async Task BeatAsync()
    {
        var wait = FirstBeat < heartbeat ? FirstBeat : heartbeat;
        while (!ended.IsCancellationRequested && reason == StopReason.None)
        {
            var started = site.Time.GetTimestamp();
            await WaitAsync(wait);
            await PauseAsync(Gap - site.Time.GetElapsedTime(started));
            if (!ended.IsCancellationRequested)
                await BeatOnceAsync();
            wait = heartbeat;
        }
    }

    private async Task WaitAsync(TimeSpan atMost)
    {
        var started = site.Time.GetTimestamp();
        try
        {
            await farm.WaitForRequestAsync(claimed, atMost, ended.Token);
        }
        catch (Exception e) when (IsTrouble(e))
        {
            // The beats go on, and say so.
            await PauseAsync(atMost - site.Time.GetElapsedTime(started));
        }
        catch (Exception e) when (e is OperationCanceledException or LeaseLostException)
        {
            // The work has ended; or the beat will be told the same.
        }
    }

    private async Task PauseAsync(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
            await Task.Delay(time, site.Time, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task BeatOnceAsync()
    {
        try
        {
            var answer = await farm.HeartbeatAsync(claimed, ended.Token) switch
            {
                LeaseAnswer.Cancel => StopReason.Cancelled,
                LeaseAnswer.Lost when !ending => StopReason.Lost,
                _ => StopReason.None,
            };
            if (answer == StopReason.None)
                return;
            reason = answer;
            await stop.CancelAsync();
        }
        catch (Exception e) when (IsTrouble(e))
        {
            site.Log.NoHeartbeat(claimed.Job.ToString(), claimed.Platform.ToString(), e.Message);
        }
        catch (OperationCanceledException)
        {
            // The work has ended while the question was on its way.
        }
    }

    // Also what an administrator must mend. While it is, the lease may run out, and then the farm says so.
    private static bool IsTrouble(Exception e) =>
        e
            is FarmUnavailableException
                or FarmFaultException
                or RegistrySchemaException
                or IOException
                or UnauthorizedAccessException;
}
