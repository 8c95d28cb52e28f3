using PkgForge.Records;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Reproducing;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Server.Builds;

/// <summary>Roots of earlier builds: to build in again, and to look in. Layers that were removed meanwhile are made again, exactly, or not at all.</summary>
public abstract partial class RootBuilder
{
    private const int MostDifferences = 5;

    /// <summary>Goes where the build was, if that is there. Arguments: the directory, then the command.</summary>
    private const string EnterScript = """
        cd -- "$0" 2> /dev/null || :
        exec "$@"
        """;

    /// <summary>Where the tree of a source lies in the root once it is unpacked.</summary>
    protected abstract string Tree { get; }

    /// <summary>Makes a base layer of exactly these packages, if that can be; returns the name of what was made.</summary>
    protected virtual Task<string> MakeBaseAgainAsync(
        IReadOnlyList<RecordedPackage> packages,
        BuildLog log,
        CancellationToken cancel
    ) => BaseAsync(log, cancel);

    /// <summary>
    /// In a session with the base layer: installs exactly what a layer has over it, and returns what names the exact set, as
    /// <see cref="InstallDependenciesAsync"/> does; or why it cannot be had.
    /// </summary>
    protected abstract Task<(string Set, string? Trouble)> InstallExactlyAsync(
        RootSession root,
        BuildRequest request,
        RecordedLayer layer,
        CancellationToken cancel
    );

    /// <summary>Builds a source in the root of a record.</summary>
    /// <exception cref="LayerGoneException">There is no such root any more.</exception>
    public async Task<BuildOutcome> BuildAgainAsync(
        BuildRequest request,
        RecordedRoot recorded,
        CancellationToken cancel
    )
    {
        RequireMachine();
        var (layers, hold) = await HoldAsync(request, recorded, cancel);
        using var held = hold;
        return await BuildInAsync(layers, request, cancel);
    }

    /// <summary>Opens the root of a record, builds the source in it up to where it fails, and lets somebody in.</summary>
    /// <param name="request">The source, which is put into the root.</param>
    /// <param name="recorded">The root.</param>
    /// <param name="isFresh">The source is unpacked, where that is a step of its own, and not built.</param>
    /// <param name="visit">Is let in. The root is gone when it returns.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="LayerGoneException">There is no such root any more.</exception>
    public async Task<int> OpenAgainAsync(
        BuildRequest request,
        RecordedRoot recorded,
        bool isFresh,
        Func<OpenedRoot, Task<int>> visit,
        CancellationToken cancel
    )
    {
        RequireMachine();
        var (layers, hold) = await HoldAsync(request, recorded, cancel);
        using var held = hold;
        request.Log.Say($"root: {string.Join(" over ", layers)}; {Describe()}");
        await using var root = await OpenForBuildAsync(layers, request.Source, request.Log, cancel);
        var steps = Steps(request.Source).ToList();
        var failure = await StepsAsync(root, request, isFresh ? [.. steps.SkipLast(1)] : steps, cancel);
        request.Notes.SourceDateEpoch ??= await SourceDateEpochAsync(root, request.Source, cancel);
        var last = Bounded(AtTime(steps[^1], request.Notes.SourceDateEpoch).Step);
        Step InTree(IReadOnlyList<string> command) =>
            last with
            {
                Directory = Step.BuildHome,
                Command = ["sh", "-c", EnterScript, Tree, .. command],
            };
        return await visit(new(root, failure, InTree));
    }

    private async Task<(IReadOnlyList<string> Layers, IDisposable Hold)> HoldAsync(
        BuildRequest request,
        RecordedRoot recorded,
        CancellationToken cancel
    )
    {
        var (upper, lowest) = (recorded.Layers.Count == 1 ? "" : recorded.Layers[0].Name, recorded.Layers[^1].Name);
        var names = Settings.Layers.Stack(upper, lowest);
        if (await Settings.Layers.TryHoldAsync(names, request.Log, cancel) is { } there)
            return (names, there);
        var baseLayer = await BaseAgainAsync(recorded.Layers[^1], request.Log, cancel);
        using var below = await Settings.Layers.TryHoldAsync([baseLayer], request.Log, cancel);
        if (upper.Length > 0)
            upper = await DependenciesAgainAsync(baseLayer, request, recorded, cancel);
        var made = Settings.Layers.Stack(upper, baseLayer);
        return await Settings.Layers.TryHoldAsync(made, request.Log, cancel) is { } hold
            ? (made, hold)
            : throw new LayerGoneException($"layer {made[0]} went away before it could be used: try again");
    }

    private async Task<string> BaseAgainAsync(RecordedLayer recorded, BuildLog log, CancellationToken cancel)
    {
        if (Settings.Layers.Has(recorded.Name))
            return recorded.Name;
        RequirePackages(recorded);
        log.Say($"layer {recorded.Name} is not on this machine: making it again");
        var made = await MakeBaseAgainAsync(recorded.Packages, log, cancel);
        if (made == recorded.Name)
            return made;
        RequireSame(recorded, recorded.Packages, await PackagesAsync([made], cancel));
        log.Say($"layer {made} has the packages of {recorded.Name}, and takes its place");
        return made;
    }

    private async Task<string> DependenciesAgainAsync(
        string baseLayer,
        BuildRequest request,
        RecordedRoot recorded,
        CancellationToken cancel
    )
    {
        var (layer, below) = (recorded.Dependencies, recorded.Layers[^1]);
        if (baseLayer == below.Name && Settings.Layers.Has(layer.Name))
            return layer.Name;
        RequirePackages(layer);
        request.Log.Say($"layer {layer.Name} is not on this machine: making it again");
        var (lists, hold) = await HoldListsAsync(baseLayer, request.Log, cancel);
        using var held = hold;
        await using var root = await OpenForLayerAsync([lists, baseLayer], cancel);
        var offering = recorded.Earlier is { } earlier ? request with { Products = earlier } : request;
        var (set, trouble) = await InstallExactlyAsync(root, offering, layer, cancel);
        if (trouble is not null)
            throw new LayerGoneException($"{Gone(layer)}: {trouble}");
        var without = layer.Without.Select(package => package.Key).ToHashSet();
        RequireSame(
            layer,
            [.. below.Packages.Where(package => !without.Contains(package.Key)), .. layer.Packages],
            await ListPackagesAsync(root, set, cancel) ?? []
        );
        var name = DependencyLayer(baseLayer, set);
        await KeepDependenciesAsync(root, name, set, null, cancel);
        return name;
    }

    private static void RequirePackages(RecordedLayer layer)
    {
        if (layer.Packages.Count == 0)
            throw new LayerGoneException($"{Gone(layer)}: its record does not say which packages it had");
    }

    private static void RequireSame(
        RecordedLayer layer,
        IReadOnlyList<RecordedPackage> recorded,
        IReadOnlyList<RecordedPackage> made
    )
    {
        var (before, now) = (recorded.ToLookup(package => package.Key), made.ToLookup(package => package.Key));
        string[] differences =
        [
            .. recorded.Where(package => !now[package.Key].Any(package.IsSame)).Select(p => $"{p} is not to be had"),
            .. made.Where(package => !before.Contains(package.Key)).Select(p => $"{p} comes instead"),
        ];
        if (differences.Length > 0)
            throw new LayerGoneException(
                $"{Gone(layer)}, because the distribution has moved: {string.Join("; ", differences.Take(MostDifferences))}"
                    + (differences.Length > MostDifferences ? $"; and {differences.Length - MostDifferences} more" : "")
            );
    }

    private static string Gone(RecordedLayer layer) =>
        $"layer {layer.Name} is not on this machine any more, and cannot be made again as it was";
}
