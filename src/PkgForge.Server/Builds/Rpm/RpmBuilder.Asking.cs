using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>What an RPM source needs, as the platform's own rpm reads its spec file, and what it works out itself (<c>%generate_buildrequires</c>).</summary>
public sealed partial class RpmBuilder
{
    /// <inheritdoc/>
    protected override bool NeedsAreReadInRoot => true;

    /// <inheritdoc/>
    protected override async Task<BuildRequest> ReadNeedsAsync(
        RootSession root,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        var source = (SourceRpm)request.Source;
        var (needs, why) = await AskSpecAsync<IReadOnlyList<string>>(
            root,
            source,
            async spec => await spec.NeedsAsync(source, cancel),
            cancel
        );
        if (why is null)
            return request with { Needs = needs };
        request.Log.Say(
            $"dependencies: what the spec file asks for on {Settings.Platform} cannot be told: {why}; the source package's own list counts"
        );
        return request;
    }

    /// <summary>A spec file is a program. The root's own rpm reads it, as the build user, without a network, within the limits of a build.</summary>
    private async Task<(T? Answer, string? Why)> AskSpecAsync<T>(
        RootSession root,
        SourceRpm source,
        Func<SpecQuery, Task<(T? Answer, string? Why)>> ask,
        CancellationToken cancel
    )
        where T : class
    {
        try
        {
            await PutSourceAsync(root, source, cancel);
            var spec = new SpecQuery(root, Bounded);
            return await spec.InstallAsync(source, cancel) is { } why ? (null, why) : await ask(spec);
        }
        catch (FarmFaultException) when (Overrun.Stopped(root))
        {
            return (null, "it needs more memory than a build may have");
        }
    }

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
        var coming = Requirements
            .Names(more)
            .SelectMany(group => group)
            .Where(request.Coming.Contains)
            .Distinct()
            .ToList();
        if (coming.Count > 0)
            return ([], BuildOutcome.Waits(coming));
        return why is null && more.Except(known, StringComparer.Ordinal).ToList() is { Count: > 0 } unknown
            ? (unknown, null)
            : ([], DynamicRequirements.Failed(why, request.Log));
    }
}
