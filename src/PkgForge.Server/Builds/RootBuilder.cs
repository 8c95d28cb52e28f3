using PkgForge.Registry;
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
    /// In a session with the base layer: makes repositories known, works the build dependencies out and installs them.
    /// Returns what names the exact set, empty when there is none; or the outcome when it cannot be had.
    /// </summary>
    /// <param name="root">The session.</param>
    /// <param name="request">The source, and where its dependencies may come from.</param>
    /// <param name="isThere">Tells whether there is a layer of a set: then nothing need be installed.</param>
    /// <param name="cancel">Stops it.</param>
    protected abstract Task<(string Set, BuildOutcome? Failure)> InstallDependenciesAsync(
        RootSession root,
        BuildRequest request,
        Func<string, bool> isThere,
        CancellationToken cancel
    );

    /// <summary>Paths of the top that a dependency layer does without.</summary>
    protected abstract IReadOnlyList<string> NotKept { get; }

    /// <summary>The steps that build the source, which lies in the build directory of the root.</summary>
    protected abstract IEnumerable<BuildStep> Steps(SourcePackage source);

    /// <summary>Where products lie in the root and how their names end.</summary>
    protected abstract (string Directory, int Depth, IReadOnlyList<string> Suffixes) Products { get; }

    /// <inheritdoc/>
    public override async Task<BuildOutcome> BuildAsync(BuildRequest request, CancellationToken cancel)
    {
        var (layers, hold, failure) = await LayersAsync(request, cancel);
        if (failure is not null)
            return failure;
        using var held = hold;
        request.Log.Say($"root: {string.Join(" over ", layers)}; {Describe()}");
        await using var root = await OpenAsync(layers, cancel);
        try
        {
            return await StepsAsync(root, request, cancel);
        }
        catch (FarmFaultException) when (root.Group is { KilledForMemory: > 0 })
        {
            // A tool of the farm that works on the root's files counts as the build: a source may be too large.
            return MemoryLimit.Verdict(root, Settings.Limits, request.Log)!;
        }
    }

    private async Task<BuildOutcome> StepsAsync(RootSession root, BuildRequest request, CancellationToken cancel)
    {
        await PutSourceAsync(root, request.Source, cancel);
        var clock = new StepClock(Settings.Limits);
        foreach (var step in Steps(request.Source))
        {
            request.Log.Say($"{step.Name}: {string.Join(' ', step.Step.Command)}");
            var since = request.Log.Length;
            var result = await root.RunAsync(Bounded(step.Step), request.Log, clock.Remaining, cancel);
            if (!result.Succeeded)
                return MemoryLimit.Verdict(root, Settings.Limits, request.Log, since)
                    ?? Causes.Find((step.Name, Format), result, Settings.Limits, request.Log, since);
        }
        return await ProductCollector.CollectAsync(root, Products, request, Settings.Limits.Root, cancel);
    }
}
