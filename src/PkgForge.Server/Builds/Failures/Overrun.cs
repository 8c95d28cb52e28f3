using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Server.Builds.Failures;

/// <summary>Limits of a root as a whole: what stopped it was neither the step that ran nor the tool that saw it fail.</summary>
internal static class Overrun
{
    /// <summary>True when something in the root was stopped for its memory or for what it wrote.</summary>
    public static bool Stopped(RootSession root) =>
        root.Group is { KilledForMemory: > 0 }
        || root.Watch is { IsOver: true } or { DiskIsFull: true } or { Trouble: not null };

    /// <summary>The outcome of a build in a root that was stopped so; null when it was not.</summary>
    /// <inheritdoc cref="DiskLimit.Verdict"/>
    public static BuildOutcome? Verdict(
        RootSession root,
        BuildLimits limits,
        BuildLog log,
        long since = long.MaxValue
    ) => DiskLimit.Verdict(root, log, since) ?? MemoryLimit.Verdict(root, limits, log, since);
}
