using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds;

/// <summary>A step of building a source package.</summary>
/// <param name="Name">One word for the log: <c>unpack</c>, <c>build</c>.</param>
/// <param name="Step">What runs.</param>
public sealed record BuildStep(string Name, Step Step);

/// <summary>Shares out the time of one build among its steps.</summary>
internal sealed class StepClock(BuildLimits limits)
{
    private readonly long started = TimeProvider.System.GetTimestamp();

    public ToolLimits Remaining => new(limits.Time - TimeProvider.System.GetElapsedTime(started), limits.Silence);
}
