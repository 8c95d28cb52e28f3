using System.Globalization;
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
)
{
    /// <summary>The registered builder's own directory, by which its control groups are known.</summary>
    public string Owner { get; init; } = WorkDirectory;
}

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
    /// Seconds since 1970 that stand for the time of the build (<c>SOURCE_DATE_EPOCH</c>), out of the source's own words; null if it has none. Asked
    /// before the last step.
    /// </summary>
    protected abstract Task<long?> SourceDateEpochAsync(
        RootSession root,
        SourcePackage source,
        CancellationToken cancel
    );

    /// <summary>
    /// Finds out whether the source has lied about itself: what its products say of where they come from is not what it was accepted as. Returns what is wrong, or null. The products say
    /// what the build has made them say, so this finds mistakes, and lies for which nobody took pains.
    /// </summary>
    protected abstract string? FindLie(BuildRequest request, IReadOnlyList<string> products);

    /// <summary>Where products lie in the root and how their names end.</summary>
    protected abstract (string Directory, int Depth, IReadOnlyList<string> Suffixes) Products { get; }

    /// <inheritdoc/>
    public abstract Task<IReadOnlyList<SourceRelations>> RelateAsync(
        IReadOnlyList<SourcePackage> sources,
        BuildLog log,
        CancellationToken cancel
    );

    /// <inheritdoc/>
    public Task PrepareAsync(BuildLog log, CancellationToken cancel)
    {
        RequireMachine();
        return BaseAsync(log, cancel);
    }

    /// <summary>Makes sure that this machine has what roots need.</summary>
    /// <exception cref="MachineLacksException">It has not.</exception>
    private void RequireMachine()
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
    }

    /// <inheritdoc/>
    public async Task<BuildOutcome> BuildAsync(BuildRequest request, CancellationToken cancel)
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
        await using var root = await OpenAsync(layers, cancel);
        return await WithinMemoryAsync(
            root,
            request,
            async () =>
                await StepsAsync(root, request, [.. Steps(request.Source)], cancel)
                ?? await CollectAsync(root, request, cancel)
        );
    }

    private async Task<BuildOutcome> WithinMemoryAsync(
        RootSession root,
        BuildRequest request,
        Func<Task<BuildOutcome>> build
    )
    {
        try
        {
            return await build();
        }
        catch (FarmFaultException) when (root.Group is { KilledForMemory: > 0 })
        {
            // A tool of the farm that works on the root's files counts as the build: a source may be too large.
            return MemoryLimit.Verdict(root, settings.Limits, request.Log)!;
        }
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
        var clock = new StepClock(settings.Limits);
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
        var since = request.Log.Length;
        var result = await root.RunAsync(Bounded(step.Step), request.Log, clock.Remaining, cancel);
        return result.Succeeded
            ? null
            : MemoryLimit.Verdict(root, settings.Limits, request.Log, since)
                ?? Causes.Find((step.Name, Format), result, settings.Limits, request.Log, since);
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

    private async Task<BuildOutcome> CollectAsync(RootSession root, BuildRequest request, CancellationToken cancel)
    {
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
            settings.Groups?.Make(settings.Owner, new(settings.Limits.Memory, settings.Limits.Processes)),
            cancel
        );

    /// <summary>Copies a source into the build directory of a root.</summary>
    protected static async Task PutSourceAsync(RootSession root, SourcePackage source, CancellationToken cancel)
    {
        var home = root.Path + Step.BuildHome;
        await root.RequireOnHostAsync(new("mkdir", "-p", "--", home), cancel);
        var files = source.Files.Select(file => System.IO.Path.Combine(source.Directory, file.Name));
        await root.RequireOnHostAsync(new("cp", ["--", .. files, home]), cancel);
        await root.RequireOnHostAsync(new("chown", "-R", $"{Step.BuildUser}:{Step.BuildUser}", "--", home), cancel);
    }

    private bool GroupLimitsProcesses => settings.Groups is { LimitsProcesses: true };

    /// <summary>A step that runs what the source brings, within the limits of a build.</summary>
    protected Step Bounded(Step step) =>
        step with
        {
            Limits = Bounds,
            Narrow = MachineArchitecture.IsNarrow(settings.Platform.Architecture),
        };

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
