using PkgForge.Registry;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Server.Builds;

/// <summary>The limit of what a root may hold, where its top is on a disk; in memory the kernel refuses what is too much.</summary>
internal static class DiskLimit
{
    /// <summary>The outcome of a build that was stopped for what it wrote; null when it was not. The evidence is the last that it printed since an offset of the log.</summary>
    /// <exception cref="FarmFaultException">It was stopped because the machine's disk is full, which is nobody's build's fault.</exception>
    public static BuildOutcome? Verdict(RootSession root, BuildLimits limits, BuildLog log, long since = long.MaxValue)
    {
        if (root.Watch is { DiskIsFull: true, IsOver: false })
            throw new FarmFaultException(
                $"stopped, because less than {DiskWatch.Reserve >> 20} MiB are left on the disk of the work directory"
            );
        if (root.Watch is not { IsOver: true })
            return null;
        var message =
            $"stopped at {limits.Root >> 20} MiB in the root, the limit, or at {DiskWatch.MostFiles} files in it";
        var last = Causes.OfBuild(log, since) is [.., var line] ? line : null;
        log.Say($"failed: {Cause.DiskFull.Name()}: {message}");
        return Causes.Shown(BuildOutcome.Failed(Cause.DiskFull, null, message), last);
    }
}
