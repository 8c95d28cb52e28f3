using System.Globalization;
using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Debian;

/// <summary>
/// Builds Debian source packages: a base layer by <c>mmdebstrap</c>, dependencies by the root's own <c>apt-get</c>, the
/// build by the root's own <c>dpkg-source</c> and <c>dpkg-buildpackage</c>.
/// </summary>
/// <param name="settings">What it builds, how, and where.</param>
public sealed class DebianBuilder(RootSettings settings) : RootBuilder(settings)
{
    private static readonly string[] FetchOptions = ["-q", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=3"];

    private static readonly string[] AptOptions =
    [
        .. FetchOptions,
        "-y",
        "-o",
        "APT::Install-Recommends=false",
        "-o",
        "Dpkg::Use-Pty=0",
        // A root that a power cut meets is thrown away.
        "-o",
        "Dpkg::Options::=--force-unsafe-io",
    ];

    /// <summary>Where apt looks for packages that were fetched before.</summary>
    private const string Archives = "/var/cache/apt/archives";

    /// <summary>So many packages in one command: its words are bounded by the kernel.</summary>
    private const int MostAtOnce = 1000;

    // By itself apt tells the MD5 of what it would install.
    private static readonly string[] Resolve = ["-o", "Acquire::ForceHash=SHA256", "--print-uris"];

    /// <summary>Bytes of the answer of a question for one number.</summary>
    private const int LongestTime = 4096;

    /// <summary>For questions that a root answers at once.</summary>
    private static readonly ToolLimits Quick = new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    /// <inheritdoc/>
    public override PackageFormat Format => PackageFormat.Debian;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Tools => ["mmdebstrap", "tar"];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> NotKept =>
        ["etc/resolv.conf", "etc/apt/sources.list.d/pkgforge.list", "etc/apt/preferences.d/pkgforge", "var/cache/apt"];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Lists => ["var/lib/apt/lists"];

    /// <inheritdoc/>
    protected override (string Directory, int Depth, IReadOnlyList<string> Suffixes) Products =>
        (Step.BuildHome, 1, [".deb", ".udeb", ".ddeb", ".changes", ".buildinfo"]);

    /// <inheritdoc/>
    protected override string Tree => $"{Step.BuildHome}/source";

    /// <inheritdoc/>
    protected override string? FindLie(BuildRequest request, IReadOnlyList<string> products) =>
        DebianOrigin.FindLie(request.Source, products);

    /// <inheritdoc/>
    protected override IEnumerable<BuildStep> Steps(SourcePackage source)
    {
        yield return new(
            "unpack",
            new Step("dpkg-source", "--no-check", "-x", source.FileName, "source") { Directory = Step.BuildHome }
        );
        yield return new(
            "build",
            new Step("dpkg-buildpackage", "-us", "-uc", "-b")
            {
                Directory = Tree,
                Variables = new Dictionary<string, string>
                {
                    ["DEB_BUILD_OPTIONS"] = $"parallel={Settings.Limits.Parallel}",
                },
            }
        );
    }

    /// <inheritdoc/>
    public override Task<IReadOnlyList<SourceRelations>> RelateAsync(
        IReadOnlyList<SourcePackage> sources,
        BuildLog log,
        CancellationToken cancel
    ) => Task.FromResult(DebianRelations.Of(Settings.Platform, sources, log));

    /// <inheritdoc/>
    /// <remarks>dpkg-buildpackage would take the same. A dpkg that is too old to tell takes it for itself.</remarks>
    protected override async Task<long?> SourceDateEpochAsync(
        RootSession root,
        SourcePackage source,
        CancellationToken cancel
    )
    {
        var told = new CapturedOutput(LongestTime);
        var ask = new Step("dpkg-parsechangelog", "--show-field", "Timestamp") { Directory = Tree };
        var result = await root.RunAsync(ask, told, Quick, cancel);
        return result.Succeeded && long.TryParse(told.Text.Trim(), CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : null;
    }

    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<RecordedPackage>?> ListPackagesAsync(
        RootSession root,
        string set,
        CancellationToken cancel
    )
    {
        const string Installed = "installed ";
        var digests = DebianSet.Digests(set);
        var listed = new CapturedOutput();
        var format = "${db:Status-Status} ${Package} ${Version} ${Architecture}\\n";
        var ask = new Step("dpkg-query", "--show", $"--showformat={format}");
        if (!(await root.RunAsync(ask, listed, Quick, cancel)).Succeeded)
            return null;
        return
        [
            .. listed
                .Text.Split('\n')
                .Where(line => line.StartsWith(Installed, StringComparison.Ordinal))
                .Select(line => RecordedPackage.Parse(line[Installed.Length..]))
                .OfType<RecordedPackage>()
                .Select(package => package with { Digest = digests.GetValueOrDefault(DebianSet.FileOf(package)) }),
        ];
    }

    /// <inheritdoc/>
    protected override async Task<string> MakeBaseAsync(BuildLog log, CancellationToken cancel)
    {
        var tar = $"{Settings.WorkDirectory}/base.tar";
        await Bootstrap.MakeAsync(Settings, [], keepLists: false, tar, log, cancel);
        var name = await UnpackBaseAsync(tar, cancel);
        File.Delete(tar);
        return name;
    }

    /// <inheritdoc/>
    protected override async Task FetchListsAsync(RootSession root, BuildLog log, CancellationToken cancel)
    {
        await root.RequireOnHostAsync(
            new("cp", "-L", "--", "/etc/resolv.conf", $"{root.Path}/etc/resolv.conf"),
            cancel
        );
        await UpdateAsync(root, log, cancel);
    }

    /// <summary>By itself apt goes on with the lists that it has when others cannot be fetched: what is only in those would then look as if nobody had it.</summary>
    private static Task UpdateAsync(RootSession root, BuildLog log, CancellationToken cancel) =>
        AptAsync(
            root,
            log,
            "the package lists could not be fetched",
            ["-o", "APT::Update::Error-Mode=any", "update"],
            cancel
        );

    /// <inheritdoc/>
    protected override async Task<(string Set, BuildOutcome? Failure)> InstallDependenciesAsync(
        RootSession root,
        BuildRequest request,
        Func<string, bool> isToInstall,
        CancellationToken cancel
    )
    {
        await OfferRepositoriesAsync(root, request, cancel);
        await UpdateAsync(root, request.Log, cancel);
        var source = $"{Step.BuildHome}/{request.Source.FileName}";
        var solved = new CapturedOutput();
        if (!(await root.RunAsync(Apt([.. Resolve, "build-dep", source]), solved, null, cancel)).Succeeded)
            return ("", Unsatisfiable(solved, request));
        var set = DebianSet.Of(solved.Text);
        if (set.Length > 0 && isToInstall(set))
            await InstallAsync(root, request.Log, solved.Text, ["build-dep", source], cancel);
        return (set, null);
    }

    /// <inheritdoc/>
    protected override async Task<(string Set, string? Trouble)> InstallExactlyAsync(
        RootSession root,
        BuildRequest request,
        RecordedLayer layer,
        CancellationToken cancel
    )
    {
        if (layer.Packages.FirstOrDefault(package => !DebianSet.IsPlain(package)) is { } strange)
            return ("", $"'{strange}' is no package");
        await OfferRepositoriesAsync(root, request, cancel);
        await UpdateAsync(root, request.Log, cancel);
        var gone = layer.Without.Where(DebianSet.IsPlain).Select(package => package.Name);
        string[] words =
        [
            "install",
            "--",
            .. layer.Packages.Select(DebianSet.Exactly),
            .. gone.Except(layer.Packages.Select(package => package.Name)).Select(name => $"{name}-"),
        ];
        var solved = new CapturedOutput();
        if (!(await root.RunAsync(Apt([.. Resolve, .. words]), solved, null, cancel)).Succeeded)
        {
            request.Log.Write(System.Text.Encoding.UTF8.GetBytes(solved.Text));
            return ("", Complaint(solved.Text.Split('\n', StringSplitOptions.TrimEntries)));
        }
        await InstallAsync(root, request.Log, solved.Text, words, cancel);
        return (DebianSet.Of(solved.Text), null);
    }

    private static string? Complaint(string[] lines) =>
        Array.Find(lines, line => line.StartsWith("E:", StringComparison.Ordinal));

    // Fetching needs the network and runs nothing of the packages; installing runs their scripts, without a network.
    private static async Task InstallAsync(
        RootSession root,
        BuildLog log,
        string solved,
        IReadOnlyList<string> words,
        CancellationToken cancel
    )
    {
        await PrepareAsync(root, cancel);
        await FetchAsync(root, log, solved, cancel);
        var install = Apt(words) with { Network = false };
        await AptAsync(root, log, "the build dependencies could not be installed", install, cancel);
    }

    /// <summary>
    /// A place for what is fetched; and no index of manual pages: nothing that is built asks for it, and making it anew with each package takes longer than unpacking most of them. Debian's build
    /// daemons do without it by this answer, too (bug #554914). It is put where debconf keeps its answers, as <c>debconf-set-selections</c> would do.
    /// </summary>
    private static async Task PrepareAsync(RootSession root, CancellationToken cancel) =>
        await root.RequireOnHostAsync(
            new("sh", "-c", PrepareScript, "prepare", $"{root.Path}{Archives}", $"{root.Path}/var/cache/debconf"),
            cancel
        );

    private const string PrepareScript = """
        set -e
        mkdir -p -- "$1"
        shift
        [ -d "$1" ] || exit 0
        answers=$1/config.dat
        # A layer below may have the answer already.
        ! grep -qs '^Name: man-db/auto-update$' "$answers" || exit 0
        # Just one empty line ends an answer.
        [ ! -s "$answers" ] || [ -z "$(tail -n 1 -- "$answers")" ] || echo >> "$answers"
        cat >> "$answers" <<END
        Name: man-db/auto-update
        Template: man-db/auto-update
        Value: false
        Owners: man-db
        Flags: seen

        END
        """;

    /// <summary>By apt's own helper, which need not work out again what is to be fetched.</summary>
    private static async Task FetchAsync(RootSession root, BuildLog log, string solved, CancellationToken cancel)
    {
        foreach (var some in DebianSet.Downloads(solved).Chunk(MostAtOnce))
        {
            var files = some.SelectMany(package => new[] { package.Uri, $"{Archives}/{package.File}", package.Digest });
            var fetch = AsRoot(["/usr/lib/apt/apt-helper", .. FetchOptions, "download-file", .. files]);
            await AptAsync(root, log, "the build dependencies could not be fetched", fetch, cancel);
        }
    }

    private async Task OfferRepositoriesAsync(RootSession root, BuildRequest request, CancellationToken cancel)
    {
        var list = request
            .Repositories.Select(repository =>
                $"deb [trusted=yes] file:{Mount(repository)} {Settings.Platform.Name} main"
            )
            .ToList();
        if (Directory.EnumerateFiles(request.Products, "*.deb").Any())
        {
            await OfferProductsAsync(root, request, cancel);
            list.Add("deb [trusted=yes] file:/pkgforge/.job ./");
        }
        var text = $"{Settings.WorkDirectory}/pkgforge.list";
        await File.WriteAllLinesAsync(text, list, cancel);
        // Packages of the farm (a file: repository has no site name) before those of the distribution.
        var preferences = $"{Settings.WorkDirectory}/preferences";
        await File.WriteAllTextAsync(preferences, "Package: *\nPin: origin \"\"\nPin-Priority: 990\n", cancel);
        var mounts = request.Repositories.SelectMany(repository => new[] { repository.Directory, Mount(repository) });
        await root.RequireOnHostAsync(
            new("sh", ["-c", OfferScript, "offer", root.Path, text, preferences, .. mounts]),
            cancel
        );
    }

    private static string Mount(RepositoryReference repository) => $"/pkgforge/{repository.Name}";

    // One process for all of it: each that enters the root takes its time.
    private const string OfferScript = """
        set -e
        root=$1
        cp -- "$2" "$root/etc/apt/sources.list.d/"
        cp -- "$3" "$root/etc/apt/preferences.d/pkgforge"
        cp -L -- /etc/resolv.conf "$root/etc/resolv.conf"
        shift 3
        while [ $# -gt 0 ]; do
            mkdir -p -- "$root$2"
            mount --bind -- "$1" "$root$2"
            shift 2
        done
        """;

    private static async Task OfferProductsAsync(RootSession root, BuildRequest request, CancellationToken cancel)
    {
        await root.RequireOnHostAsync(new("mkdir", "-p", "--", $"{root.Path}/pkgforge/.job"), cancel);
        await root.RequireOnHostAsync(
            new("cp", ["--", .. Directory.EnumerateFiles(request.Products, "*.deb"), $"{root.Path}/pkgforge/.job/"]),
            cancel
        );
        // The products are as untrusted as their source: the index is made by the root's own tool, inside the root.
        var index = new Step("sh", "-c", "dpkg-scanpackages -m . > Packages")
        {
            User = 0,
            Directory = "/pkgforge/.job",
        };
        var result = await root.RunAsync(index, request.Log, null, cancel);
        if (!result.Succeeded)
            throw new FarmFaultException("the products of this job's earlier sources could not be indexed");
    }

    private static Task AptAsync(
        RootSession root,
        BuildLog log,
        string complaint,
        IReadOnlyList<string> words,
        CancellationToken cancel
    ) => AptAsync(root, log, complaint, Apt([.. words]), cancel);

    private static async Task AptAsync(
        RootSession root,
        BuildLog log,
        string complaint,
        Step step,
        CancellationToken cancel
    )
    {
        if (!(await root.RunAsync(step, log, null, cancel)).Succeeded)
            throw new FarmFaultException($"{complaint}: {ErrorLines.In(log.LastLines())}");
    }

    private static Step Apt(params IReadOnlyList<string> words) => AsRoot(["apt-get", .. AptOptions, .. words]);

    private static Step AsRoot(IReadOnlyList<string> command) =>
        new(command)
        {
            User = 0,
            Network = true,
            Variables = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" },
        };

    private BuildOutcome Unsatisfiable(CapturedOutput solved, BuildRequest request)
    {
        var since = request.Log.Length;
        request.Log.Write(System.Text.Encoding.UTF8.GetBytes(solved.Text));
        return Causes.OfDependencies(Format, request.Log, since, LookedAt.Describe(Settings.Recipe, request, ".deb"));
    }
}
