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
public abstract partial class RootBuilder(RootSettings settings) : IPackageBuilder
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

    /// <summary>
    /// Finds out whether the source has lied about itself: what its products say of where they come from is not what it was accepted as. Returns what is wrong, or null. The products say
    /// what the build has made them say, so this finds mistakes, and lies for which nobody took pains.
    /// </summary>
    protected abstract string? FindLie(BuildRequest request, IReadOnlyList<string> products);

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
        var built = await ProductCollector.CollectAsync(root, Products, request, settings.Limits.Root, cancel);
        return built.Succeeded && FindLie(request, built.Products) is { } lie ? Disown(request, built, lie) : built;
    }

    /// <summary>Nothing of a source that is not what it was accepted as goes any further.</summary>
    private static BuildOutcome Disown(BuildRequest request, BuildOutcome built, string lie)
    {
        foreach (var product in built.Products)
            File.Delete($"{request.Products}/{product}");
        request.Log.Say($"failed: packaging: {lie}");
        return BuildOutcome.Failed(Cause.Packaging, null, lie);
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
}
