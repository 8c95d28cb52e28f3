using PkgForge.Registry;
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
    private static readonly string[] AptOptions =
    [
        "-q",
        "-y",
        "-o",
        "APT::Sandbox::User=root",
        "-o",
        "APT::Install-Recommends=false",
        "-o",
        "Acquire::Retries=3",
        "-o",
        "Dpkg::Use-Pty=0",
    ];

    /// <inheritdoc/>
    public override PackageFormat Format => PackageFormat.Debian;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Tools => ["mmdebstrap", "tar"];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> NotKept =>
        [
            "etc/resolv.conf",
            "etc/apt/sources.list.d/pkgforge.list",
            "etc/apt/preferences.d/pkgforge",
            "var/cache/apt",
            "var/lib/apt/lists",
        ];

    /// <inheritdoc/>
    protected override (string Directory, int Depth, IReadOnlyList<string> Suffixes) Products =>
        (Step.BuildHome, 1, [".deb", ".udeb", ".ddeb", ".changes", ".buildinfo"]);

    /// <inheritdoc/>
    protected override string? FindLie(BuildRequest request, IReadOnlyList<string> products)
    {
        // dpkg-buildpackage calls the file after debian/changelog; an epoch is not part of its name.
        var (name, version) = (request.Source.Name!, request.Source.Version!);
        var begin = $"{name}_{version[(version.IndexOf(':', StringComparison.Ordinal) + 1)..]}_";
        var other = products.FirstOrDefault(product =>
            product.EndsWith(".changes", StringComparison.Ordinal)
            && !product.StartsWith(begin, StringComparison.Ordinal)
        );
        return other is null
            ? null
            : $"the source says that it is {name} {version}, but what is in it has made {other}: debian/changelog has another name or version than {request.Source.FileName}";
    }

    /// <inheritdoc/>
    protected override IEnumerable<BuildStep> Steps(SourcePackage source)
    {
        yield return new(
            "unpack",
            new Step("dpkg-source", "--no-check", "-x", source.FileName, "source") { Directory = Step.BuildHome },
            Cause.Patch
        );
        yield return new(
            "build",
            new Step("dpkg-buildpackage", "-us", "-uc", "-b")
            {
                Directory = $"{Step.BuildHome}/source",
                Variables = new Dictionary<string, string>
                {
                    ["DEB_BUILD_OPTIONS"] = $"parallel={Settings.Limits.Parallel}",
                },
            },
            Cause.Unknown
        );
    }

    /// <inheritdoc/>
    protected override async Task<string> MakeBaseAsync(BuildLog log, CancellationToken cancel)
    {
        var recipe = Settings.Recipe;
        if (recipe.Keyrings.FirstOrDefault(keyring => !File.Exists(keyring)) is { } missing)
            throw new MachineLacksException(
                $"there is no {missing}, whose keys the Release files of {Settings.Platform} are signed with: install the package that has it "
                    + "(debian-archive-keyring, ubuntu-keyring), or name another one with 'keyrings:' in the recipe"
            );
        var tar = $"{Settings.WorkDirectory}/base.tar";
        var bootstrap = new Command(
            "mmdebstrap",
            [
                "--mode=unshare",
                "--variant=buildd",
                // The lists stay in the base, so that a build asks the mirror only what has changed.
                "--skip=cleanup/apt/lists",
                // Whether the machine runs the architecture was looked at, without the tool that it would ask.
                "--skip=check/qemu",
                "--aptopt=Acquire::Languages \"none\"",
                $"--arch={Settings.Platform.Architecture}",
                $"--components={string.Join(',', recipe.Components)}",
                .. recipe.Packages.Count == 0 ? (string[])[] : [$"--include={string.Join(',', recipe.Packages)}"],
                .. recipe.Keyrings.Count == 0 ? (string[])[] : Trust(recipe.Keyrings),
                "--",
                recipe.Suite,
                tar,
                recipe.Keyrings.Count == 0 ? recipe.Mirror : Line(recipe),
                .. recipe.Repositories.Values.Select(repository => $"deb {repository}"),
            ]
        )
        {
            Environment = new Dictionary<string, string>
            {
                ["HOME"] = Settings.WorkDirectory,
                ["TMPDIR"] = Settings.WorkDirectory,
            },
        };
        var result = await Tool.RunAsync(bootstrap, log, cancel: cancel);
        if (!result.Succeeded)
            throw new FarmFaultException(
                $"mmdebstrap could not make the base of {Settings.Platform}: {ErrorLines.In(log.LastLines())}"
            );
        var name = await UnpackBaseAsync(tar, cancel);
        File.Delete(tar);
        return name;
    }

    // Where a recipe names keyrings, those count and no others. mmdebstrap takes one file and one directory of keys, and what it is not
    // given is the machine's own; and for a mirror that it only has the URL of it looks for a keyring that fits.
    private IEnumerable<string> Trust(IReadOnlyList<string> keyrings)
    {
        var directory = Directory.CreateDirectory($"{Settings.WorkDirectory}/keyrings").FullName;
        for (var i = 0; i < keyrings.Count; i++)
        {
            var ending = keyrings[i].EndsWith(".asc", StringComparison.Ordinal) ? "asc" : "gpg";
            File.Copy(keyrings[i], $"{directory}/{i}.{ending}", overwrite: true);
        }
        return ["--keyring=/dev/null", $"--keyring={directory}"];
    }

    private static string Line(PlatformRecipe recipe) =>
        $"deb {recipe.Mirror} {recipe.Suite} {string.Join(' ', recipe.Components)}";

    /// <inheritdoc/>
    protected override async Task<(string Set, BuildOutcome? Failure)> InstallDependenciesAsync(
        RootSession root,
        BuildRequest request,
        Func<string, bool> isThere,
        CancellationToken cancel
    )
    {
        await OfferRepositoriesAsync(root, request, cancel);
        await AptAsync(root, request.Log, "the package lists could not be fetched", ["update"], cancel);
        var source = $"{Step.BuildHome}/{request.Source.FileName}";
        var solved = new CapturedOutput();
        if (!(await root.RunAsync(Apt("--print-uris", "build-dep", source), solved, null, cancel)).Succeeded)
            return ("", Unsatisfiable(solved, request.Log));
        var set = SetOf(solved.Text);
        if (set.Length > 0 && !isThere(set))
            await InstallAsync(root, request.Log, source, cancel);
        return (set, null);
    }

    // Fetching needs the network and runs nothing of the packages; installing runs their scripts, without a network.
    private static async Task InstallAsync(RootSession root, BuildLog log, string source, CancellationToken cancel)
    {
        string[] fetch = ["--download-only", "build-dep", source];
        await AptAsync(root, log, "the build dependencies could not be fetched", fetch, cancel);
        var install = Apt("build-dep", source) with { Network = false };
        await AptAsync(root, log, "the build dependencies could not be installed", install, cancel);
    }

    // 'URI' FILE SIZE SHA256:DIGEST, a line for each package that apt would install: the set, exactly. The URI is left out:
    // it does not matter where a package comes from. Between the question and the installation nothing changes, because
    // the lists are this session's own.
    private static string SetOf(string uris) =>
        string.Join(
            '\n',
            uris.Split('\n')
                .Where(line => line.StartsWith('\''))
                .Select(line => line[(line.LastIndexOf('\'') + 1)..].Trim())
                .Order(StringComparer.Ordinal)
        );

    private async Task OfferRepositoriesAsync(RootSession root, BuildRequest request, CancellationToken cancel)
    {
        var list = new List<string>();
        foreach (var repository in request.Repositories)
        {
            var mount = $"/pkgforge/{repository.Name}";
            await root.RequireOnHostAsync(new("mkdir", "-p", "--", root.Path + mount), cancel);
            await root.RequireOnHostAsync(
                new("mount", "--bind", "--", repository.Directory, root.Path + mount),
                cancel
            );
            list.Add($"deb [trusted=yes] file:{mount} {Settings.Platform.Name} main");
        }
        if (Directory.EnumerateFiles(request.Products, "*.deb").Any())
        {
            await OfferProductsAsync(root, request, cancel);
            list.Add("deb [trusted=yes] file:/pkgforge/.job ./");
        }
        var text = $"{Settings.WorkDirectory}/pkgforge.list";
        await File.WriteAllLinesAsync(text, list, cancel);
        await root.RequireOnHostAsync(new("cp", "--", text, $"{root.Path}/etc/apt/sources.list.d/"), cancel);
        await root.RequireOnHostAsync(
            new("cp", "-L", "--", "/etc/resolv.conf", $"{root.Path}/etc/resolv.conf"),
            cancel
        );
        // Packages of the farm (a file: repository has no site name) before those of the distribution.
        var preferences = $"{Settings.WorkDirectory}/preferences";
        await File.WriteAllTextAsync(preferences, "Package: *\nPin: origin \"\"\nPin-Priority: 990\n", cancel);
        await root.RequireOnHostAsync(
            new("cp", "--", preferences, $"{root.Path}/etc/apt/preferences.d/pkgforge"),
            cancel
        );
    }

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

    private static Step Apt(params IReadOnlyList<string> words) =>
        new(["apt-get", .. AptOptions, .. words])
        {
            User = 0,
            Network = true,
            Variables = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" },
        };

    private static BuildOutcome Unsatisfiable(CapturedOutput solved, BuildLog log)
    {
        log.Write(System.Text.Encoding.UTF8.GetBytes(solved.Text));
        var lines = solved.Text.Split('\n', StringSplitOptions.TrimEntries);
        var evidence =
            Array.Find(
                lines,
                line =>
                    line.Contains("Depends:", StringComparison.Ordinal)
                    && line.Contains(" but ", StringComparison.Ordinal)
            ) ?? Array.Find(lines, line => line.StartsWith("E:", StringComparison.Ordinal));
        log.Say($"failed: unsatisfiable-dependency: {evidence}");
        return BuildOutcome.Failed(
            Cause.UnsatisfiableDependency,
            evidence,
            "build dependencies cannot be had on this platform"
        );
    }
}
