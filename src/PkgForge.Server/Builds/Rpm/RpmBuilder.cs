using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>
/// Builds RPM source packages: a base layer and dependencies by the host's <c>dnf --installroot</c> inside the root's
/// user namespace, the build by the root's own <c>rpmbuild</c>.
/// </summary>
/// <param name="settings">What it builds, how, and where.</param>
public sealed class RpmBuilder(RootSettings settings) : RootBuilder(settings)
{
    // A package that is built again from the same source in the same root is to be the same: times in it are SOURCE_DATE_EPOCH. Debian's tools do that
    // by themselves.
    private static readonly string[] SameAgain =
    [
        "--define",
        "source_date_epoch_from_changelog 1",
        "--define",
        "use_source_date_epoch_as_buildtime 1",
        "--define",
        "clamp_mtime_to_source_date_epoch 1",
    ];

    /// <summary>Where a root has the packages that are to be installed in it.</summary>
    private const string Fetched = "var/cache/dnf/fetched";

    /// <inheritdoc/>
    public override PackageFormat Format => PackageFormat.Rpm;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Tools => ["dnf", "rpm", "createrepo_c"];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> NotKept => ["etc/resolv.conf", "var/lib/dnf", "var/log"];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Lists => ["var/cache/dnf"];

    /// <inheritdoc/>
    protected override (string Directory, int Depth, IReadOnlyList<string> Suffixes) Products =>
        ($"{Step.BuildHome}/rpm/RPMS", 2, [".rpm"]);

    /// <inheritdoc/>
    protected override string Tree => $"{Step.BuildHome}/rpm/BUILD";

    /// <inheritdoc/>
    protected override string? FindLie(BuildRequest request, IReadOnlyList<string> products) =>
        RpmOrigin.FindLie(request, products);

    /// <inheritdoc/>
    protected override IEnumerable<BuildStep> Steps(SourcePackage source)
    {
        yield return new("build", RpmBuild(source, "--rebuild"));
    }

    private Step RpmBuild(SourcePackage source, string what) =>
        new([
            "rpmbuild",
            what,
            "--define",
            $"_topdir {Step.BuildHome}/rpm",
            "--define",
            $"_smp_ncpus_max {Settings.Limits.Parallel}",
            .. SameAgain,
            $"{Step.BuildHome}/{source.FileName}",
        ])
        {
            Directory = Step.BuildHome,
        };

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<SourceRelations>> RelateAsync(
        IReadOnlyList<SourcePackage> sources,
        BuildLog log,
        CancellationToken cancel
    )
    {
        var relations = new List<SourceRelations>();
        foreach (var source in sources.Cast<SourceRpm>())
        {
            var (makes, why) = await InBaseAsync(log, root => MakesAsync(root, source, cancel), cancel);
            if (why is not null)
                log.Say($"order: what {source.FileName} makes cannot be told: {why}; a package of its name is assumed");
            relations.Add(new(why is null ? makes : [source.Name!], Requirements.Names(source)));
        }
        return relations;
    }

    /// <summary>A spec file is a program. The root's own rpm reads it, as the build user, without a network, within the limits of a build.</summary>
    private async Task<(IReadOnlyCollection<string> Makes, string? Why)> MakesAsync(
        RootSession root,
        SourceRpm source,
        CancellationToken cancel
    )
    {
        try
        {
            await PutSourceAsync(root, source, cancel);
            return await new SpecQuery(root, Bounded).MakesAsync(source, cancel);
        }
        catch (FarmFaultException) when (Overrun.Stopped(root))
        {
            return ([], "it needs more memory than a build may have");
        }
    }

    /// <inheritdoc/>
    protected override Task<long?> SourceDateEpochAsync(
        RootSession root,
        SourcePackage source,
        CancellationToken cancel
    ) => Task.FromResult(((SourceRpm)source).SourceDateEpoch);

    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<RecordedPackage>?> ListPackagesAsync(
        RootSession root,
        string set,
        CancellationToken cancel
    )
    {
        var dnf = new DnfCommand(Settings);
        dnf.WriteConfiguration([]);
        var listed = new CapturedOutput();
        var ask = dnf.Rpm(root, "-qa", "--qf", "%{NAME} %{EVR} %{ARCH} header-sha256:%{SHA256HEADER}\\n");
        if (!(await root.RunOnHostAsync(ask, listed, cancel)).Succeeded)
            return null;
        // Keys are in rpm's database as packages of no architecture.
        return
        [
            .. listed
                .Text.Split('\n')
                .Where(line => !line.Contains(" (none) ", StringComparison.Ordinal))
                .Select(line => line.Replace(" header-sha256:(none)", "", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(RecordedPackage.Parse)
                .OfType<RecordedPackage>(),
        ];
    }

    /// <inheritdoc/>
    protected override async Task<string> MakeBaseAsync(BuildLog log, CancellationToken cancel)
    {
        var dnf = new DnfCommand(Settings);
        await using var root = await OpenForLayerAsync([], cancel);
        dnf.WriteConfiguration([]);
        var result = await root.RunOnHostAsync(dnf.Run(root, ["install", .. Settings.Recipe.Packages]), log, cancel);
        if (!result.Succeeded)
            throw new FarmFaultException(
                $"dnf could not make the base of {Settings.Platform}: {ErrorLines.In(log.LastLines())}"
            );
        var user = new Step(
            "sh",
            "-c",
            "echo 'builder:x:2001:2001:PkgForge:/build:/bin/sh' >> /etc/passwd; echo 'builder:x:2001:' >> /etc/group"
        )
        {
            User = 0,
        };
        await root.RunAsync(user, log, null, cancel);
        var name = $"base-{Digest.OfText(await InstalledAsync(root, dnf, cancel))[..16]}";
        if (!Settings.Layers.Has(name))
            await Settings.Layers.KeepTopAsync(root, name, LayerPart.Without([.. NotKept, .. Lists]), null, cancel);
        return name;
    }

    /// <inheritdoc/>
    protected override async Task FetchListsAsync(RootSession root, BuildLog log, CancellationToken cancel)
    {
        var dnf = new DnfCommand(Settings);
        dnf.WriteConfiguration([]);
        if (!(await root.RunOnHostAsync(dnf.Run(root, ["makecache"]), log, cancel)).Succeeded)
            throw new FarmFaultException($"the package lists could not be fetched: {ErrorLines.In(log.LastLines())}");
    }

    private static IEnumerable<string> Wanted(BuildRequest request) =>
        [.. ((SourceRpm)request.Source).BuildRequires, .. request.Generated];

    /// <inheritdoc/>
    protected override bool NeedsPackages(BuildRequest request) => Wanted(request).Any();

    /// <inheritdoc/>
    protected override async Task<(string Set, BuildOutcome? Failure)> InstallDependenciesAsync(
        RootSession root,
        BuildRequest request,
        Func<string, bool> isToInstall,
        CancellationToken cancel
    )
    {
        string[] wanted = [.. Wanted(request)];
        if (Array.Find(wanted, requirement => !Requirements.IsPlain(requirement)) is { } strange)
            return ("", Strange(strange, request.Log));
        var dnf = new DnfCommand(Settings);
        dnf.WriteConfiguration(await RepositoriesAsync(root, request, cancel));
        var since = request.Log.Length;
        if (!await FetchAsync(root, dnf, wanted, request.Log, cancel))
            return ("", await UnsatisfiableAsync(root, dnf, wanted, (request, since), cancel));
        var set = await FetchedAsync(root, dnf, cancel);
        var isThere = set.Length == 0 || !isToInstall(set);
        return isThere || await InstallAsync(root, dnf, wanted, request.Log, cancel)
            ? (set, null)
            : ("", await UnsatisfiableAsync(root, dnf, wanted, (request, since), cancel));
    }

    /// <inheritdoc/>
    /// <remarks>Of an archive it is made as ever; of packages by these very packages, which gives it its name again.</remarks>
    protected override Task<string> MakeBaseAgainAsync(
        IReadOnlyList<RecordedPackage> packages,
        BuildLog log,
        CancellationToken cancel
    )
    {
        if (Settings.Recipe.Tarball.Length > 0)
            return base.MakeBaseAgainAsync(packages, log, cancel);
        string[] exactly = [.. packages.Select(Exactly)];
        if (Array.Find(exactly, word => !Requirements.IsPlain(word)) is { } strange)
            throw new LayerGoneException(
                $"the base layer cannot be made again: '{strange}' in its record is no package"
            );
        return new RpmBuilder(Settings with { Recipe = Settings.Recipe with { Packages = exactly } }).MakeBaseAsync(
            log,
            cancel
        );
    }

    /// <inheritdoc/>
    protected override async Task<(string Set, string? Trouble)> InstallExactlyAsync(
        RootSession root,
        BuildRequest request,
        RecordedLayer layer,
        CancellationToken cancel
    )
    {
        string[] wanted = [.. layer.Packages.Select(Exactly)];
        if (Array.Find(wanted, word => !Requirements.IsPlain(word)) is { } strange)
            return ("", $"'{strange}' is no package");
        var dnf = new DnfCommand(Settings);
        dnf.WriteConfiguration(await RepositoriesAsync(root, request, cancel));
        return
            await FetchAsync(root, dnf, wanted, request.Log, cancel)
            && await InstallAsync(root, dnf, wanted, request.Log, cancel)
            ? (await FetchedAsync(root, dnf, cancel), null)
            : ("", string.Join(' ', request.Log.LastLines().TakeLast(2)));
    }

    private static string Exactly(RecordedPackage package) =>
        $"{package.Name}-{package.Version}.{package.Architecture}";

    /// <summary>Works out what is to be installed, and fetches it: that needs the network, and runs nothing of the packages.</summary>
    private static async Task<bool> FetchAsync(
        RootSession root,
        DnfCommand dnf,
        IReadOnlyList<string> wanted,
        BuildLog log,
        CancellationToken cancel
    )
    {
        // Besides keeping what it downloads dnf copies all that is to be installed there, what lies in directories of this machine, too.
        string[] fetch = ["install", "--downloadonly", $"--downloaddir={root.Path}/{Fetched}", "--", .. wanted];
        return (await root.RunOnHostAsync(dnf.Run(root, fetch), log, cancel)).Succeeded;
    }

    /// <summary>The exact set that is to be installed: each package with the digest of its header.</summary>
    private static async Task<string> FetchedAsync(RootSession root, DnfCommand dnf, CancellationToken cancel)
    {
        var look = new Command(
            "sh",
            "-c",
            FetchedScript,
            "fetched",
            $"{root.Path}/{Fetched}",
            "%{NEVRA} %{SHA256HEADER}\\n"
        );
        return (await root.RequireOnHostAsync(dnf.Confined(look), cancel)).TrimEnd('\n');
    }

    private const string FetchedScript = """
        cd -- "$1" 2> /dev/null || exit 0
        set -- "$2" ./*.rpm
        [ -e "$2" ] || exit 0
        format=$1
        shift
        rpm -qp --nosignature --nodigest --qf "$format" -- "$@" | LC_ALL=C sort
        """;

    /// <summary>Installs what was fetched. That runs the packages' scripts, without a network.</summary>
    private static async Task<bool> InstallAsync(
        RootSession root,
        DnfCommand dnf,
        IReadOnlyList<string> wanted,
        BuildLog log,
        CancellationToken cancel
    ) =>
        (
            await root.RunOnHostAsync(
                DnfCommand.Confine(dnf.Run(root, ["install", "--cacheonly", "--", .. wanted])),
                log,
                cancel
            )
        ).Succeeded;

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
        return why is null && more.Except(known, StringComparer.Ordinal).ToList() is { Count: > 0 } unknown
            ? (unknown, null)
            : ([], DynamicRequirements.Failed(why, request.Log));
    }

    internal static async Task<IReadOnlyList<(string Name, string Url)>> RepositoriesAsync(
        RootSession root,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        var repositories = request.Repositories.Select(r => (r.Name, $"file://{r.Directory}")).ToList();
        var products = Directory.EnumerateFiles(request.Products, "*.rpm").ToList();
        if (products.Count > 0)
        {
            var directory = $"{root.Path}/pkgforge/.job";
            await root.RequireOnHostAsync(new("mkdir", "-p", "--", directory), cancel);
            await root.RequireOnHostAsync(new("cp", ["--", .. products, directory]), cancel);
            // The products are as untrusted as their source: the tool sees them as nobody, without a network.
            await root.RequireOnHostAsync(new("unshare", "--net", "--", "createrepo_c", "--quiet", directory), cancel);
            repositories.Add((".job", $"file://{directory}"));
        }
        return repositories;
    }

    /// <summary>
    /// The installation failed: because the set cannot be had (the package's fault), or because something could not be
    /// fetched or unpacked (the farm's). Asked again to work out the set only, dnf tells which.
    /// </summary>
    private async Task<BuildOutcome> UnsatisfiableAsync(
        RootSession root,
        DnfCommand dnf,
        IReadOnlyList<string> wanted,
        (BuildRequest Request, long Since) said,
        CancellationToken cancel
    )
    {
        var output = new CapturedOutput();
        var cached = await root.RunOnHostAsync(dnf.Run(root, ["makecache"]), output, cancel);
        if (!cached.Succeeded)
            throw new FarmFaultException(
                $"the package lists could not be fetched: {ErrorLines.In(output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))}"
            );
        var solved = new CapturedOutput();
        await root.RunOnHostAsync(dnf.Run(root, ["install", "--assumeno", "--", .. wanted]), solved, cancel);
        var lines = solved.Text.Split('\n', StringSplitOptions.TrimEntries);
        if (Array.Exists(lines, l => l is "Operation aborted." or "Nothing to do."))
            throw new FarmFaultException(
                $"the build dependencies could not be installed: {ErrorLines.In(said.Request.Log.LastLines())}"
            );
        return Causes.OfDependencies(
            Format,
            said.Request.Log,
            said.Since,
            LookedAt.Describe(Settings.Recipe, said.Request, ".rpm")
        );
    }

    private static BuildOutcome Strange(string requirement, BuildLog log)
    {
        log.Say($"failed: unsatisfiable-dependency: BuildRequires: {requirement}");
        return BuildOutcome.Failed(
            Cause.UnsatisfiableDependency,
            $"BuildRequires: {requirement}",
            "a build dependency is no plain name, path or provide with a version; conditions in parentheses are not supported yet"
        );
    }

    private static Task<string> InstalledAsync(RootSession root, DnfCommand dnf, CancellationToken cancel) =>
        root.RequireOnHostAsync(dnf.Rpm(root, "-qa", "--qf", "%{NEVRA} %{SHA256HEADER}\\n"), cancel);
}
