using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>
/// Takes a job out of <c>incoming</c> before it is registered. Its directory goes out of sight first, so that no pass begins
/// with it; then a pass that may be at it is waited for. What the caller finds registered after that was registered meanwhile.
/// </summary>
/// <param name="farm">What it works with.</param>
public sealed class Withdrawal(Farm farm)
{
    /// <summary>Removes the job's directory. Returns false when there is none.</summary>
    /// <exception cref="IOException">It is somebody else's, or the disk fails. Nothing was changed, or the next pass removes the rest.</exception>
    public async Task<bool> RunAsync(JobId id, CancellationToken cancel)
    {
        if (farm.Spool.Incoming.Find(id.ToString()) is not { } entry)
            return false;
        entry.Remove(cancel);
        // No pass has ever been here; and the lock's file must be the farm's, which the caller need not be.
        if (!File.Exists(Incoming.TurnsOf(farm)) || !FileSystem.CanWrite(Incoming.TurnsOf(farm)))
            return true;
        using var turn = await FileLock.TakeAsync(Incoming.TurnsOf(farm), cancel);
        // A pass that died between copy and registration leaves a copy to the next one, which would not come to it any more.
        if (await farm.Registry.FindManifestAsync(id, cancel) is null)
            farm.Spool.Accepted.Remove(id);
        return true;
    }
}
