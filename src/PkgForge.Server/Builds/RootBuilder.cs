using System.Globalization;
using PkgForge.Registry;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>
/// What all builders share that build in the farm's own roots: the dependency layer, the throw-away top, and the order
/// of steps. The heirs say which tools do the work.
/// </summary>
/// <param name="settings">What it builds, how, and where.</param>
public abstract partial class RootBuilder(RootSettings settings) : SessionBuilder(settings)
{
    /// <summary>
    /// In a session with the base layer and package lists: makes repositories known, works the build dependencies out and installs them.
    /// Returns what names the exact set, empty when there is none; or the outcome when it cannot be had.
    /// </summary>
    /// <param name="root">The session.</param>
    /// <param name="request">The source, and where its dependencies may come from.</param>
    /// <param name="installing">Is told what was worked out, before anything of it is installed.</param>
    /// <param name="cancel">Stops it.</param>
    protected abstract Task<(string Set, BuildOutcome? Failure)> InstallDependenciesAsync(
        RootSession root,
        BuildRequest request,
        Installing installing,
        CancellationToken cancel
    );

    /// <summary>Paths of the top that a dependency layer does without, besides <see cref="Lists"/>.</summary>
    protected abstract IReadOnlyList<string> NotKept { get; }

    /// <summary>The steps that build the source, which lies in the build directory of the root.</summary>
    protected abstract IEnumerable<BuildStep> Steps(SourcePackage source);

    /// <summary>
    /// Seconds since 1970 that stand for the time of the build (<c>SOURCE_DATE_EPOCH</c>), out of the source's own words; null if it has none. Asked
    /// before the last step.
    /// </summary>
    protected abstract Task<long?> SourceDateEpochAsync(
        RootSession root,
        SourcePackage source,
        CancellationToken cancel
    );

    /// <inheritdoc/>
    public override async Task<BuildOutcome> BuildAsync(BuildRequest request, CancellationToken cancel)
    {
        var (layers, hold, failure) = await LayersAsync(request, cancel);
        if (failure is not null)
            return failure;
        using var held = hold;
        request.Notes.Layers = await DescribeAsync(layers, cancel);
        return await BuildInAsync(layers, request, cancel);
    }

    private async Task<BuildOutcome> BuildInAsync(
        IReadOnlyList<string> layers,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        request.Log.Say($"root: {string.Join(" over ", layers)}; {Describe()}");
        return await BuildInTopAsync(
            layers,
            request,
            async root =>
                await StepsAsync(root, request, [.. Steps(request.Source)], cancel)
                ?? await CollectAsync(root, request, cancel),
            cancel
        );
    }

    /// <summary>Puts the source into the root and runs its steps. Returns the failure of one; null when all went well.</summary>
    private async Task<BuildOutcome?> StepsAsync(
        RootSession root,
        BuildRequest request,
        List<BuildStep> steps,
        CancellationToken cancel
    )
    {
        await PutSourceAsync(root, request.Source, cancel);
        var clock = new StepClock(Settings.Limits);
        foreach (var step in steps)
        {
            if (step == steps[^1])
                request.Notes.SourceDateEpoch = await SourceDateEpochAsync(root, request.Source, cancel);
            var failure = await RunAsync(root, AtTime(step, request.Notes.SourceDateEpoch), request, clock, cancel);
            if (failure is not null)
                return failure;
        }
        return null;
    }

    private async Task<BuildOutcome?> RunAsync(
        RootSession root,
        BuildStep step,
        BuildRequest request,
        StepClock clock,
        CancellationToken cancel
    )
    {
        request.Log.Say($"{step.Name}: {string.Join(' ', step.Step.Command)}");
        request.Notes.Steps.Add(Describe(step));
        var (since, wasDead) = (request.Log.Length, root.IsDead);
        var result = await root.RunAsync(Bounded(step.Step), request.Log, clock.Remaining, cancel);
        if (result.Succeeded)
            return null;
        if (Overrun.Verdict(root, Settings.Limits, request.Log, since) is { } overrun)
            return overrun;
        if (wasDead)
            throw new FarmFaultException($"the root had ended before the step '{step.Name}'");
        return Causes.Find((step.Name, Format), result, Settings.Limits, request.Log, since);
    }

    private static BuildStep AtTime(BuildStep step, long? epoch)
    {
        if (epoch is not { } seconds)
            return step;
        var variables = new Dictionary<string, string>(step.Step.Variables)
        {
            ["SOURCE_DATE_EPOCH"] = seconds.ToString(CultureInfo.InvariantCulture),
        };
        return step with { Step = step.Step with { Variables = variables } };
    }
}
