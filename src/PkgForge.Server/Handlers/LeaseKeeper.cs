using Microsoft.Extensions.Logging;
using PkgForge.Registry;

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
/// Renews the lease of a task while it is worked on, and stops the work when the registry says so. A registry that cannot
/// be reached is asked again at the next beat: the work goes on, because the lease is only lost when the registry says it is.
/// </summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly Farm farm;
    private readonly ClaimedTask claimed;
    private readonly CancellationTokenSource stop;
    private readonly CancellationTokenSource ended = new();
    private readonly Task beating;
    private volatile StopReason reason;

    public LeaseKeeper(Farm farm, ClaimedTask claimed, CancellationToken shutdown)
    {
        (this.farm, this.claimed) = (farm, claimed);
        stop = CancellationTokenSource.CreateLinkedTokenSource(shutdown);
        beating = BeatAsync();
    }

    /// <summary>Cancelled when the work is to be stopped: by the user, by the loss of the lease, or by the end of this process.</summary>
    public CancellationToken Token => stop.Token;

    /// <summary>Why, when it was not the end of this process.</summary>
    public StopReason Reason => reason;

    /// <summary>Asks now whether the task is still this builder's.</summary>
    public async Task<bool> IsMineAsync(CancellationToken cancel) =>
        await farm.Registry.HeartbeatAsync(claimed.Lease, cancel) != LeaseAnswer.Lost;

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await beating;
        ended.Dispose();
        stop.Dispose();
    }

    private async Task BeatAsync()
    {
        while (!ended.IsCancellationRequested && reason == StopReason.None)
        {
            await Task.Delay(farm.Configuration.Heartbeat, farm.Time, ended.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!ended.IsCancellationRequested)
                await BeatOnceAsync();
        }
    }

    private async Task BeatOnceAsync()
    {
        try
        {
            reason = await farm.Registry.HeartbeatAsync(claimed.Lease, ended.Token) switch
            {
                LeaseAnswer.Cancel => StopReason.Cancelled,
                LeaseAnswer.Lost => StopReason.Lost,
                _ => StopReason.None,
            };
            if (reason != StopReason.None)
                await stop.CancelAsync();
        }
        catch (RegistryUnavailableException e)
        {
            farm.Log.NoHeartbeat(claimed.Job.ToString(), claimed.Platform.ToString(), e.Message);
        }
        catch (OperationCanceledException)
        {
            // The work has ended while the question was on its way.
        }
    }
}
