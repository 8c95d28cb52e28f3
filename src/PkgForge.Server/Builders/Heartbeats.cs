using PkgForge.Registry;
using PkgForge.Server.Handlers;
using PkgForge.Spool;

namespace PkgForge.Server.Builders;

/// <summary>Renews leases.</summary>
internal sealed class Heartbeats(Farm farm)
{
    public async Task<LeaseAnswer> BeatAsync(ClaimedTask task, CancellationToken cancel)
    {
        FaultPoint.Reach(FaultPoints.HeartbeatBefore);
        var answer = await farm.Registry.HeartbeatAsync(task.Lease, cancel);
        FaultPoint.Reach(FaultPoints.HeartbeatAfter);
        return answer;
    }

    /// <summary>Asks whether the task is still its builder's, and makes sure that it stays so for a while.</summary>
    public async Task<bool> IsHeldAsync(ClaimedTask task, CancellationToken cancel) =>
        await BeatAsync(task, cancel) != LeaseAnswer.Lost;
}
