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
/// <param name="LayerBudget">How many bytes layers may take, of all platforms of the machine.</param>
/// <param name="WorkDirectory">This builder's own directory for mounts and passing files; emptied at its start.</param>
/// <param name="Groups">Where control groups of builds are made; null when there are none.</param>
public sealed record RootSettings(
    PlatformKey Platform,
    PlatformRecipe Recipe,
    BuildLimits Limits,
    LayerStore Layers,
    long LayerBudget,
    string WorkDirectory,
    ControlGroups? Groups = null
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

    /// <summary>So often layers are made that are removed, or found broken, before they are held.</summary>
    private const int MostTries = 3;

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
        MemoryLimit.Require(settings.Limits, settings.Groups);
        HostTools.Require([
            .. Tools,
            "unshare",
            "nsenter",
            "setpriv",
            "prlimit",
            "setarch",
            "chroot",
            "ip",
            "newuidmap",
        ]);
        await BaseAsync(log, cancel);
    }

    /// <inheritdoc/>
    public async Task<BuildOutcome> BuildAsync(BuildRequest request, CancellationToken cancel)
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
            return MemoryLimit.Verdict(root, settings.Limits, request.Log)!;
        }
    }

    private async Task<BuildOutcome> StepsAsync(RootSession root, BuildRequest request, CancellationToken cancel)
    {
        await PutSourceAsync(root, request.Source, cancel);
        var clock = new StepClock(settings.Limits);
        foreach (var step in Steps(request.Source))
        {
            request.Log.Say($"{step.Name}: {string.Join(' ', step.Step.Command)}");
            var result = await root.RunAsync(
                step.Step with
                {
                    Limits = Bounds,
                    Narrow = MachineArchitecture.IsNarrow(settings.Platform.Architecture),
                },
                request.Log,
                clock.Remaining,
                cancel
            );
            if (!result.Succeeded)
                return MemoryLimit.Verdict(root, settings.Limits, request.Log)
                    ?? Causes.Find(step, result, settings.Limits, request.Log);
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

    /// <summary>The layers of a source's root, the uppermost first, made or found, and held.</summary>
    private async Task<(IReadOnlyList<string> Names, IDisposable? Hold, BuildOutcome? Failure)> LayersAsync(
        BuildRequest request,
        CancellationToken cancel
    )
    {
        for (var tries = 1; tries <= MostTries; tries++)
        {
            var baseLayer = await BaseAsync(request.Log, cancel);
            using var below = await settings.Layers.TryHoldAsync([baseLayer], request.Log, cancel);
            if (below is null)
                continue;
            var (dependencies, failure) = await DependencyLayerAsync(baseLayer, request, cancel);
            if (failure is not null)
                return ([], null, failure);
            string[] names = dependencies.Length == 0 ? [baseLayer] : [dependencies, baseLayer];
            if (await settings.Layers.TryHoldAsync(names, request.Log, cancel) is { } hold)
                return (names, hold, null);
        }
        throw new FarmFaultException(
            $"the layers of a root went away {MostTries} times before they could be used: is there room for them in {settings.WorkDirectory}?"
        );
    }

    private async Task<string> BaseAsync(BuildLog log, CancellationToken cancel)
    {
        var subject = $"base of {settings.Platform} {RecipeText(settings.Recipe)}";
        if (settings.Layers.Noted(subject) is { } known)
            return IsYoung(known) ? known.Layer : await RefreshBaseAsync(subject, known, log, cancel);
        using var turn = await settings.Layers.LockAsync(subject, cancel);
        if (settings.Layers.Noted(subject) is { } made)
            return made.Layer;
        log.Say($"making the base layer of {settings.Platform}");
        return await MakeBaseAsync(
            subject,
            (await DistributionState.ReadAsync(settings.Recipe, cancel)).State,
            log,
            cancel
        );
    }

    /// <summary>
    /// The base is to be looked after. One builder does, and makes a new one if the distribution has moved; the others go on with the old one meanwhile, as do
    /// builds that have begun.
    /// </summary>
    private async Task<string> RefreshBaseAsync(string subject, LayerNote known, BuildLog log, CancellationToken cancel)
    {
        using var turn = settings.Layers.TryLock(subject);
        if (turn is null || settings.Layers.Noted(subject) is not { } now || IsYoung(now))
            return settings.Layers.Noted(subject)?.Layer ?? known.Layer;
        var (state, trouble) = await DistributionState.ReadAsync(settings.Recipe, cancel);
        if (trouble is not null)
            log.Say(
                $"base: whether the distribution has moved cannot be seen now ({trouble}); the root stays as it is"
            );
        if (state is null || state == known.State)
        {
            settings.Layers.Note(subject, known.Layer, known.State);
            return known.Layer;
        }
        log.Say($"making the base layer of {settings.Platform} anew: the distribution has moved");
        return await MakeBaseAsync(subject, state, log, cancel);
    }

    private bool IsYoung(LayerNote note) =>
        note.At > TimeProvider.System.GetUtcNow().UtcDateTime - settings.Recipe.Refresh;

    /// <summary>Under the lock of the subject.</summary>
    private async Task<string> MakeBaseAsync(string subject, string? state, BuildLog log, CancellationToken cancel)
    {
        MachineArchitecture.Require(settings.Platform);
        var name = settings.Recipe.Tarball is { Length: > 0 } tarball
            ? await TakeTarballAsync(tarball, log, cancel)
            : await MakeBaseAsync(log, cancel);
        settings.Layers.Note(subject, name, state ?? "");
        await settings.Layers.EvictAsync(settings.LayerBudget, cancel);
        return name;
    }

    private async Task<string> TakeTarballAsync(string tarball, BuildLog log, CancellationToken cancel)
    {
        if (!File.Exists(tarball))
            throw new MachineLacksException(
                $"there is no {tarball}, of which the recipe of {settings.Platform} makes its root"
            );
        log.Say($"base: unpacking {tarball}");
        return await UnpackBaseAsync(tarball, cancel);
    }

    /// <summary>Unpacks an archive of <c>tar</c> as a base layer, and returns the layer's name.</summary>
    protected async Task<string> UnpackBaseAsync(string tarball, CancellationToken cancel)
    {
        var name = $"base-{Digest.OfFile(tarball)[..16]}";
        var place = settings.Layers.NewPlace();
        try
        {
            await Tool.RequireAsync(
                RootSession.InUserNamespace([], new("sh", "-c", UnpackScript, "unpack", tarball, place)),
                cancel
            );
            await settings.Layers.KeepAsync(place, name, cancel);
        }
        catch
        {
            await LayerStore.RemoveAsync(place, CancellationToken.None);
            throw;
        }
        return name;
    }

    // Files without the device nodes, which no user namespace may make, and a name for the build user.
    private const string UnpackScript = """
        set -e
        mkdir "$2/root"
        tar -C "$2/root" -xpf "$1" --exclude='./dev/*' --exclude='dev/*'
        echo 'builder:x:2001:2001:PkgForge:/build:/bin/sh' >> "$2/root/etc/passwd"
        echo 'builder:x:2001:' >> "$2/root/etc/group"
        """;

    private async Task<(string Layer, BuildOutcome? Failure)> DependencyLayerAsync(
        string baseLayer,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        var subject = DependencySubject(baseLayer, request);
        using var turn = await settings.Layers.LockAsync(subject, cancel);
        if (settings.Layers.Noted(subject) is { } known && IsYoung(known))
            return (known.Layer, null);
        request.Log.Say("dependencies: working them out and installing them");
        await using var root = await OpenAsync([baseLayer], cancel);
        string Layer(string set) => set.Length == 0 ? "" : $"deps-{Digest.OfText($"{baseLayer}\n{set}")[..16]}";
        bool IsThere(string set) => settings.Layers.Has(Layer(set));
        var (set, failure) = await InstallWithinMemoryAsync(root, request, IsThere, cancel);
        if (failure is not null)
            return ("", failure);
        var name = Layer(set);
        if (name.Length > 0 && !settings.Layers.Has(name))
        {
            await settings.Layers.KeepTopAsync(root, name, [Step.BuildHome[1..], "pkgforge", .. NotKept], cancel);
            await settings.Layers.EvictAsync(settings.LayerBudget, cancel);
        }
        settings.Layers.Note(subject, name);
        return (name, null);
    }

    private async Task<(string Set, BuildOutcome? Failure)> InstallWithinMemoryAsync(
        RootSession root,
        BuildRequest request,
        Func<string, bool> isThere,
        CancellationToken cancel
    )
    {
        try
        {
            await PutSourceAsync(root, request.Source, cancel);
            var (set, failure) = await InstallDependenciesAsync(root, request, isThere, cancel);
            return (set, failure is null ? null : MemoryLimit.Verdict(root, settings.Limits, request.Log) ?? failure);
        }
        catch (FarmFaultException) when (root.Group is { KilledForMemory: > 0 })
        {
            return ("", MemoryLimit.Verdict(root, settings.Limits, request.Log));
        }
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
            settings.Groups?.Make(settings.WorkDirectory, new(settings.Limits.Memory, settings.Limits.Processes)),
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

    private bool GroupLimitsProcesses => settings.Groups is { LimitsProcesses: true };

    private IReadOnlyList<string> Bounds =>
        GroupLimitsProcesses ? ["--core=0"] : ["--core=0", $"--nproc={settings.Limits.Processes}"];

    private string Describe()
    {
        var limits = settings.Limits;
        var memory =
            limits.Memory == 0 ? "memory of the machine" : $"{limits.Memory >> 20} MiB of memory (by control group)";
        var processes =
            $"{limits.Processes} processes (by {(GroupLimitsProcesses ? "control group" : "RLIMIT_NPROC")})";
        return $"at most {limits.Time:c}, {limits.Silence:c} in silence, {memory}, {processes}, "
            + $"{limits.Root >> 20} MiB of disk, {limits.Log >> 20} MiB of log; no network";
    }

    private static string RecipeText(PlatformRecipe recipe) =>
        string.Join(
            ' ',
            [
                recipe.Format.ToString(),
                recipe.Suite,
                recipe.Mirror,
                recipe.Tarball,
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
