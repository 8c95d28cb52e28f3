using PkgForge.Registry;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Server.Builds.Failures;

/// <summary>The limit of memory: what enforces it, and what a build that met it is told.</summary>
internal static class MemoryLimit
{
    /// <exception cref="MachineLacksException">A limit is asked for, and nothing on this machine would enforce it.</exception>
    public static void Require(BuildLimits limits, ControlGroups? groups)
    {
        if (limits.Memory > 0 && groups is not { LimitsMemory: true })
            throw new MachineLacksException(
                $"a limit of memory ({limits.Memory >> 20} MiB) is configured, and nothing on this machine would enforce it: no control group "
                    + "with memory is delegated to this builder. Start it by pkgforge-buildd@.service, see docs/admin/installing.md for other "
                    + "ways, or take 'memory' out of 'limits:'"
            );
    }

    /// <summary>
    /// The outcome of a build of which the kernel killed something for its memory; null when it killed nothing. The evidence is the last that it printed
    /// since an offset of the log.
    /// </summary>
    public static BuildOutcome? Verdict(RootSession root, BuildLimits limits, BuildLog log, long since = long.MaxValue)
    {
        if (root.Group is not { KilledForMemory: > 0 and var killed } group)
            return null;
        var message =
            limits.Memory > 0
                ? $"stopped at {limits.Memory >> 20} MiB of memory, the limit{Written(group)}"
                : $"stopped by the kernel, because the machine had no memory left{Written(group)}";
        var last = Causes.OfBuild(log, since) is [.., var line] ? line : null;
        log.Say($"failed: {Cause.OutOfMemory.Name()}: {message}; processes that the kernel killed: {killed}");
        return Causes.Shown(BuildOutcome.Failed(Cause.OutOfMemory, null, message), last);
    }

    // Nothing is left of it when the first process was among those killed.
    private static string Written(ControlGroup group) =>
        group.Written >> 20 is > 0 and var mib ? $"; {mib} MiB of it were written in the root" : "";
}
