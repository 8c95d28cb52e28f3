using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>What the builders that work in roots are given.</summary>
/// <param name="Platform">The platform that they build for.</param>
/// <param name="Recipe">How its root is made.</param>
/// <param name="Limits">What a build may use.</param>
/// <param name="Layers">The machine's layers.</param>
/// <param name="WorkDirectory">This builder's own directory for mounts and passing files; emptied at its start.</param>
public sealed record RootSettings(
    PlatformKey Platform,
    PlatformRecipe Recipe,
    BuildLimits Limits,
    LayerStore Layers,
    string WorkDirectory
);

/// <summary>
/// What all builders share that build in roots: the base layer, the dependency layer, the throw-away top, and the order
/// of steps. The heirs say which tools do the work.
/// </summary>
/// <param name="settings">What it builds, how, and where.</param>
public abstract class RootBuilder(RootSettings settings) : IPackageBuilder
{
    /// <summary>With less than 1 GiB for layers, or than the limit of a root if that is smaller, no build is begun.</summary>
    private const long LeastRoom = 1L << 30;

    /// <inheritdoc/>
    public abstract PackageFormat Format { get; }

    /// <summary>What it builds, how, and where.</summary>
    protected RootSettings Settings => settings;

    /// <summary>Tools of the host that must be there; checked before the first build.</summary>
    protected abstract IReadOnlyList<string> Tools { get; }

    /// <summary>Makes the base layer and returns its name.</summary>
    protected abstract Task<string> MakeBaseAsync(BuildLog log, CancellationToken cancel);

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
    public async Task PrepareAsync(BuildLog log, CancellationToken cancel)
    {
        settings.Layers.Initialise();
        RequireRoom();
        HostTools.Require([.. Tools, "unshare", "nsenter", "setpriv", "prlimit", "chroot", "ip", "newuidmap"]);
        await BaseAsync(log, cancel);
    }

    /// <inheritdoc/>
    public async Task<BuildOutcome> BuildAsync(BuildRequest request, CancellationToken cancel)
    {
        var baseLayer = await BaseAsync(request.Log, cancel);
        var (dependencies, failure) = await DependencyLayerAsync(baseLayer, request, cancel);
        if (failure is not null)
            return failure;
        string[] names = dependencies.Length == 0 ? [baseLayer] : [dependencies, baseLayer];
        request.Log.Say($"root: {string.Join(" over ", names)}; {Describe(settings.Limits)}");
        await using var root = await OpenAsync(names, cancel);
        await PutSourceAsync(root, request.Source, cancel);
        var clock = new StepClock(settings.Limits);
        foreach (var step in Steps(request.Source))
        {
            request.Log.Say($"{step.Name}: {string.Join(' ', step.Step.Command)}");
            var result = await root.RunAsync(step.Step with { Limits = Bounds }, request.Log, clock.Remaining, cancel);
            if (!result.Succeeded)
                return Causes.Find(step, result, settings.Limits, request.Log);
        }
        return await ProductCollector.CollectAsync(root, Products, request, settings.Limits.Root, cancel);
    }

    /// <summary>Layers are on this disk; a layer is no larger than the top that it is made of, and seldom nearly as large.</summary>
    private void RequireRoom()
    {
        var needed = Math.Min(settings.Limits.Root, LeastRoom);
        var free = new DriveInfo(settings.WorkDirectory).AvailableFreeSpace;
        if (free < needed)
            throw new MachineLacksException(
                $"{settings.WorkDirectory} has {free >> 20} MiB left; {needed >> 20} MiB are needed to make layers: "
                    + "remove old ones, or give the work directory another disk"
            );
    }

    private async Task<string> BaseAsync(BuildLog log, CancellationToken cancel)
    {
        var subject = $"base of {settings.Platform} {RecipeText(settings.Recipe)}";
        if (settings.Layers.Noted(subject) is { } known)
            return known.Layer;
        using var turn = await settings.Layers.LockAsync(subject, cancel);
        if (settings.Layers.Noted(subject) is { } made)
            return made.Layer;
        log.Say($"making the base layer of {settings.Platform}");
        var name = await MakeBaseAsync(log, cancel);
        settings.Layers.Note(subject, name);
        return name;
    }

    private async Task<(string Layer, BuildOutcome? Failure)> DependencyLayerAsync(
        string baseLayer,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        var subject = DependencySubject(baseLayer, request);
        using var turn = await settings.Layers.LockAsync(subject, cancel);
        var oldest = TimeProvider.System.GetUtcNow().UtcDateTime - settings.Recipe.Refresh;
        if (settings.Layers.Noted(subject) is { } known && known.At > oldest)
            return (known.Layer, null);
        request.Log.Say("dependencies: working them out and installing them");
        await using var root = await OpenAsync([baseLayer], cancel);
        await PutSourceAsync(root, request.Source, cancel);
        string Layer(string set) => set.Length == 0 ? "" : $"deps-{Digest.OfText($"{baseLayer}\n{set}")[..16]}";
        bool IsThere(string set) => settings.Layers.Has(Layer(set));
        var (set, failure) = await InstallDependenciesAsync(root, request, IsThere, cancel);
        if (failure is not null)
            return ("", failure);
        var name = Layer(set);
        if (name.Length > 0 && !settings.Layers.Has(name))
            await settings.Layers.KeepTopAsync(root, name, [Step.BuildHome[1..], "pkgforge", .. NotKept], cancel);
        settings.Layers.Note(subject, name);
        return (name, null);
    }

    // What the answer depends on: the base, the source's own words, and the state of the repositories that the farm adds.
    private static string DependencySubject(string baseLayer, BuildRequest request) =>
        string.Join(
            '\n',
            [
                baseLayer,
                request.Source.Files[0].Sha256,
                .. request.Repositories.Select(r => $"{r.Name} {r.Revision}"),
                .. Directory.EnumerateFiles(request.Products).Order(StringComparer.Ordinal).Select(Digest.OfFile),
            ]
        );

    private Task<RootSession> OpenAsync(IEnumerable<string> layers, CancellationToken cancel) =>
        RootSession.OpenAsync(
            $"{settings.WorkDirectory}/root",
            [.. layers.Select(settings.Layers.Root)],
            settings.Limits.Root,
            cancel
        );

    private static async Task PutSourceAsync(RootSession root, SourcePackage source, CancellationToken cancel)
    {
        var home = root.Path + Step.BuildHome;
        await root.RequireOnHostAsync(new("mkdir", "-p", "--", home), cancel);
        var files = source.Files.Select(file => System.IO.Path.Combine(source.Directory, file.Name));
        await root.RequireOnHostAsync(new("cp", ["--", .. files, home]), cancel);
        await root.RequireOnHostAsync(new("chown", "-R", $"{Step.BuildUser}:{Step.BuildUser}", "--", home), cancel);
    }

    private IReadOnlyList<string> Bounds => ["--core=0", $"--nproc={settings.Limits.Processes}"];

    private static string Describe(BuildLimits limits) =>
        $"at most {limits.Time:c}, {limits.Silence:c} in silence, {limits.Processes} processes, {limits.Root >> 20} MiB of disk, "
        + $"{limits.Log >> 20} MiB of log; no network";

    private static string RecipeText(PlatformRecipe recipe) =>
        string.Join(
            ' ',
            [
                recipe.Format.ToString(),
                recipe.Suite,
                recipe.Mirror,
                recipe.ReleaseVersion,
                recipe.CheckSignatures.ToString(),
                .. recipe.Keys,
                .. recipe.Components,
                "|",
                .. recipe.Packages,
                "|",
                .. recipe.Repositories.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key}={r.Value}"),
            ]
        );
}
