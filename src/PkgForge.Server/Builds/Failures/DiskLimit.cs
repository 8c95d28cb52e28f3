using PkgForge.Registry;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Server.Builds.Failures;

/// <summary>The limit of what a root may hold, where its top is on a disk; in memory the kernel refuses what is too much.</summary>
internal static class DiskLimit
{
    /// <summary>The outcome of a build that was stopped for what it wrote; null when it was not. The evidence is the last that it printed since an offset of the log.</summary>
    /// <exception cref="FarmFaultException">It was stopped because of the machine's disk, which is nobody's build's fault.</exception>
    public static BuildOutcome? Verdict(RootSession root, BuildLog log, long since = long.MaxValue)
    {
        if (root.Watch is { DiskIsFull: true, IsOver: false })
            throw new FarmFaultException(
                $"stopped, because less than {DiskWatch.Reserve >> 20} MiB are left on the disk of the work directory"
            );
        if (root.Watch is { Trouble: { } trouble })
            throw new FarmFaultException($"stopped, because what is on the disk could not be looked after: {trouble}");
        if (root.Watch?.TooMany is not { } most)
            return null;
        var message = $"stopped at {most} in the root, which is the limit";
        var last = Causes.OfBuild(log, since) is [.., var line] ? line : null;
        log.Say($"failed: {Cause.DiskFull.Name()}: {message}");
        return Causes.Shown(BuildOutcome.Failed(Cause.DiskFull, null, message), last);
    }
}
