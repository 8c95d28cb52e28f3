using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
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

    /// <summary>The proxy by which packages and their lists are fetched; null for none. No script of a package is told of it.</summary>
    public string? Proxy { get; init; }

    /// <summary>It, for tools that take it from the environment.</summary>
    internal IReadOnlyDictionary<string, string> ProxyVariables =>
        Proxy is null
            ? new Dictionary<string, string>()
            : new Dictionary<string, string> { ["http_proxy"] = Proxy, ["https_proxy"] = Proxy };
}

/// <summary>
/// What all builders share that work in sessions of the farm: the tools that they need, the base layer of the platform, the limits. The heirs say
/// what happens in a session.
/// </summary>
/// <param name="settings">What it builds, how, and where.</param>
public abstract partial class SessionBuilder(RootSettings settings) : IPackageBuilder
{
    /// <summary>With less than 1 GiB for layers, or than the limit of a root if that is smaller, no build is begun.</summary>
    private const long LeastRoom = 1L << 30;

    /// <inheritdoc/>
    public abstract PackageFormat Format { get; }

    /// <summary>What it builds, how, and where.</summary>
    protected RootSettings Settings => settings;

    /// <summary>Tools of the host that must be there; checked before the first build.</summary>
    protected abstract IReadOnlyList<string> Tools { get; }

    /// <summary>True when sessions lie over a base layer. False where another tool keeps what it needs itself.</summary>
    protected virtual bool HasBase => true;

    /// <summary>Packages that the base layer is made with beside those of the recipe.</summary>
    protected virtual IReadOnlyList<string> Additions => [];

    /// <summary>Makes the base layer and returns its name.</summary>
    protected abstract Task<string> MakeBaseAsync(BuildLog log, CancellationToken cancel);

    /// <summary>Makes the base layer of an archive of <c>tar</c> and returns its name.</summary>
    protected abstract Task<string> TakeTarballAsync(string tarball, CancellationToken cancel);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<SourceRelations>?> RelateAsync(
        IReadOnlyList<SourcePackage> sources,
        BuildLog log,
        CancellationToken cancel
    ) => Task.FromResult<IReadOnlyList<SourceRelations>?>(null);

    /// <inheritdoc/>
    public abstract Task<BuildOutcome> BuildAsync(BuildRequest request, CancellationToken cancel);

    /// <inheritdoc/>
    public async Task PrepareAsync(BuildLog log, CancellationToken cancel)
    {
        RequireMachine();
        if (HasBase)
            await BaseAsync(log, cancel);
    }

    /// <summary>Makes sure that this machine has what sessions need.</summary>
    /// <exception cref="MachineLacksException">It has not.</exception>
    private protected void RequireMachine()
    {
        settings.Layers.Initialise();
        RequireRoom();
        MemoryLimit.Require(settings.Limits, settings.Groups);
        HostTools.Require([
            .. Tools,
            "unshare",
            "env",
            "setsid",
            "nsenter",
            "setpriv",
            "prlimit",
            "setarch",
            "chroot",
            "ip",
            "newuidmap",
        ]);
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

    private protected Task<RootSession> OpenAsync(IEnumerable<string> layers, CancellationToken cancel) =>
        OpenAsync(layers, null, cancel);

    /// <summary>A session whose top may become a layer: on the disk where layers are, so that nothing need be copied, and nothing of it takes memory.</summary>
    private protected Task<RootSession> OpenForLayerAsync(IEnumerable<string> layers, CancellationToken cancel) =>
        OpenAsync(layers, settings.Layers.NewPlace(), cancel);

    private Task<RootSession> OpenAsync(IEnumerable<string> layers, string? disk, CancellationToken cancel) =>
        RootSession.OpenAsync(
            new($"{settings.WorkDirectory}/root", [.. layers.Select(settings.Layers.Root)], settings.Limits.Root)
            {
                Hidden = settings.Layers.Hidden,
                Group = settings.Groups?.Make(settings.Owner, new(settings.Limits.Memory, settings.Limits.Processes)),
                Disk = disk,
            },
            cancel
        );

    /// <summary>Copies a source into the build directory of a root.</summary>
    protected static async Task PutSourceAsync(RootSession root, SourcePackage source, CancellationToken cancel)
    {
        var files = source.Files.Select(file => System.IO.Path.Combine(source.Directory, file.Name));
        var user = $"{Step.BuildUser}:{Step.BuildUser}";
        await root.RequireOnHostAsync(
            new("sh", ["-c", PutScript, "put", root.Path + Step.BuildHome, user, .. files]),
            cancel
        );
    }

    private const string PutScript = """
        set -e
        home=$1 user=$2
        shift 2
        mkdir -p -- "$home"
        cp -- "$@" "$home"
        chown -R -- "$user" "$home"
        """;

    private bool GroupLimitsProcesses => settings.Groups is { LimitsProcesses: true };

    /// <summary>A step that runs what the source brings, within the limits of a build.</summary>
    protected Step Bounded(Step step) =>
        step with
        {
            Limits = Bounds,
            Narrow = MachineArchitecture.IsNarrow(settings.Platform.Architecture),
        };

    private protected IReadOnlyList<string> Bounds =>
        GroupLimitsProcesses ? ["--core=0"] : ["--core=0", $"--nproc={settings.Limits.Processes}"];

    private protected string Describe()
    {
        var limits = settings.Limits;
        var memory =
            limits.Memory == 0 ? "memory of the machine" : $"{limits.Memory >> 20} MiB of memory (by control group)";
        var processes =
            $"{limits.Processes} processes (by {(GroupLimitsProcesses ? "control group" : "RLIMIT_NPROC")})";
        return $"at most {limits.Time:c}, {limits.Silence:c} in silence, {memory}, {processes}, "
            + $"{limits.Root >> 20} MiB of disk, {limits.Log >> 20} MiB of log; {limits.Parallel} jobs side by side; no network";
    }
}
