using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>What an RPM source works out itself that it needs (<c>%generate_buildrequires</c>).</summary>
public sealed partial class RpmBuilder
{
    /// <inheritdoc/>
    protected override bool AsksForMore(SourcePackage source) => ((SourceRpm)source).HasDynamicRequires;

    /// <inheritdoc/>
    protected override async Task<(IReadOnlyList<string> More, BuildOutcome? Failure)> AskAsync(
        RootSession root,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        var step = RpmBuild(request.Source, "-rr");
        request.Log.Say($"requirements: {string.Join(' ', step.Command)}");
        var since = request.Log.Length;
        var limits = new StepClock(Settings.Limits).Remaining;
        var result = await root.RunAsync(Bounded(step), request.Log, limits, cancel);
        if (result.Succeeded)
            return ([], null);
        if (result is not { End: ToolEnd.Exited, ExitCode: DynamicRequirements.Missing })
            return (
                [],
                Overrun.Verdict(root, Settings.Limits, request.Log, since)
                    ?? Causes.Find(("build", Format), result, Settings.Limits, request.Log, since)
            );
        var known = Wanted(request);
        var (more, why) = await DynamicRequirements.ReadAsync(root, Bounded, cancel);
        return why is null && more.Except(known, StringComparer.Ordinal).ToList() is { Count: > 0 } unknown
            ? (unknown, null)
            : ([], DynamicRequirements.Failed(why, request.Log));
    }
}
