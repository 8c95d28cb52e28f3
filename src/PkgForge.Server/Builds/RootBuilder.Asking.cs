using PkgForge.Registry;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Roots;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>Build dependencies that a source works out itself, in a root that has those which are known before.</summary>
public abstract partial class RootBuilder
{
    /// <summary>What is worked out may show that there is more to be worked out; so often, and no more.</summary>
    private const int MostRounds = 10;

    /// <summary>True when the source's own list of what it needs may not be that of this platform.</summary>
    protected virtual bool NeedsAreReadInRoot => false;

    /// <summary>In a root of the base layer: the request with what the source needs on this platform.</summary>
    protected virtual Task<BuildRequest> ReadNeedsAsync(
        RootSession root,
        BuildRequest request,
        CancellationToken cancel
    ) => Task.FromResult(request);

    /// <summary>True when the source may ask for more than it says beforehand.</summary>
    protected virtual bool AsksForMore(SourcePackage source) => false;

    /// <summary>
    /// In a root with the dependencies that are known so far, in which the source lies: what it asks for beyond them. Empty when it has all that it needs.
    /// </summary>
    protected virtual Task<(IReadOnlyList<string> More, BuildOutcome? Failure)> AskAsync(
        RootSession root,
        BuildRequest request,
        CancellationToken cancel
    ) => throw new NotSupportedException($"{Format} sources say all that they need");

    /// <summary>
    /// Makes the layer of all dependencies. What the source runs to work them out runs in a root that is thrown away, never in that of which a layer
    /// is made: others share the layer.
    /// </summary>
    private async Task<(string Layer, BuildOutcome? Failure)> CompleteLayerAsync(
        string baseLayer,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        if (NeedsAreReadInRoot)
            request = await ReadNeedsAsync(baseLayer, request, cancel);
        for (var round = 1; round <= MostRounds; round++)
        {
            var (layer, held, failure) = await HoldDependencyLayerAsync(baseLayer, request, cancel);
            using var hold = held;
            if (failure is not null || !AsksForMore(request.Source))
                return (layer, failure);
            (var more, failure) = await AskWithinLimitsAsync(Settings.Layers.Stack(layer, baseLayer), request, cancel);
            if (failure is not null || more.Count == 0)
                return (layer, failure);
            request.Log.Say($"dependencies: the source asks for more: {string.Join(", ", more)}");
            request = request with { Generated = [.. request.Generated, .. more] };
        }
        var message = $"asked {MostRounds} times for more build dependencies when it had what it had asked for";
        request.Log.Say($"failed: {Cause.UnsatisfiableDependency.Name()}: {message}");
        return ("", BuildOutcome.Failed(Cause.UnsatisfiableDependency, null, message));
    }

    /// <summary>That a layer went away before it was held says nothing of the source.</summary>
    private async Task<(string Layer, IDisposable? Hold, BuildOutcome? Failure)> HoldDependencyLayerAsync(
        string baseLayer,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        for (var tries = 1; tries <= MostTries; tries++)
        {
            var (layer, failure) = await MakeDependencyLayerAsync(baseLayer, request, cancel);
            if (failure is not null)
                return ("", null, failure);
            var layers = Settings.Layers.Stack(layer, baseLayer);
            if (await Settings.Layers.TryHoldAsync(layers, request.Log, cancel) is { } hold)
                return (layer, hold, null);
        }
        throw WentAway();
    }

    private async Task<BuildRequest> ReadNeedsAsync(string baseLayer, BuildRequest request, CancellationToken cancel)
    {
        await using var root = await OpenForBuildAsync([baseLayer], request.Source, request.Log, cancel);
        return await ReadNeedsAsync(root, request, cancel);
    }

    private async Task<(IReadOnlyList<string> More, BuildOutcome? Failure)> AskWithinLimitsAsync(
        IReadOnlyList<string> layers,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        await using var root = await OpenForBuildAsync(layers, request.Source, request.Log, cancel);
        try
        {
            await PutSourceAsync(root, request.Source, cancel);
            return await AskAsync(root, request, cancel);
        }
        catch (FarmFaultException) when (Overrun.Stopped(root))
        {
            return ([], Overrun.Verdict(root, Settings.Limits, request.Log));
        }
    }
}
