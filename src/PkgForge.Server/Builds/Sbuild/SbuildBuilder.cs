using PkgForge.Registry;
using PkgForge.Server.Builds.Debian;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Sbuild;

/// <summary>
/// Builds Debian source packages by <c>sbuild</c>, in its mode "unshare". The base layer holds the archive of the root that sbuild unpacks for each build.
/// </summary>
/// <param name="settings">What it builds, how, and where.</param>
public sealed class SbuildBuilder(RootSettings settings) : DrivenBuilder(settings)
{
    /// <inheritdoc/>
    public override PackageFormat Format => PackageFormat.Debian;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Tools => ["sbuild", "mmdebstrap", "newgidmap", "perl", "tar"];

    /// <inheritdoc/>
    protected override (string Directory, int Depth, IReadOnlyList<string> Suffixes) Products =>
        ($"{Home}/products", 1, [".deb", ".udeb", ".ddeb", ".changes", ".buildinfo"]);

    /// <inheritdoc/>
    protected override string? FindLie(BuildRequest request, IReadOnlyList<string> products) =>
        DebianOrigin.FindLie(request.Source, products);

    /// <inheritdoc/>
    public override Task<IReadOnlyList<SourceRelations>?> RelateAsync(
        IReadOnlyList<SourcePackage> sources,
        BuildLog log,
        CancellationToken cancel
    ) => Task.FromResult<IReadOnlyList<SourceRelations>?>(DebianRelations.Of(Settings.Platform, sources, log));

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Additions => Bootstrap.Additions;

    /// <inheritdoc/>
    protected override async Task<string> MakeBaseAsync(BuildLog log, CancellationToken cancel)
    {
        var tar = Bootstrap.NewArchive(Settings);
        await Bootstrap.MakeAsync(Settings, forTool: true, tar, log, cancel);
        return await KeepTarballAsync(tar, place => File.Move(tar, $"{place}/base.tar"), cancel);
    }

    /// <inheritdoc/>
    protected override Task<string> TakeTarballAsync(string tarball, CancellationToken cancel)
    {
        // Sbuild knows the compression by the name's end.
        var end = System.IO.Path.GetExtension(tarball) is { } known and not ".tar" ? known : "";
        return KeepTarballAsync(tarball, place => File.Copy(tarball, $"{place}/base.tar{end}"), cancel);
    }

    /// <summary>Crash: the place is removed a day later; the layer is there whole or not at all.</summary>
    private async Task<string> KeepTarballAsync(string tarball, Action<string> put, CancellationToken cancel)
    {
        var name = $"sbuild-{Digest.OfFile(tarball)[..16]}";
        await Settings.Layers.MakeAsync(
            name,
            place =>
            {
                var root = Directory.CreateDirectory($"{place}/root").FullName;
                put(root);
                File.SetUnixFileMode(Directory.GetFiles(root).Single(), (UnixFileMode)0b110_100_100);
                return Task.CompletedTask;
            },
            cancel
        );
        return name;
    }

    /// <inheritdoc/>
    private protected override async Task<BuildOutcome?> DriveAsync(
        RootSession root,
        string? layer,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        var home = root.Path + Home;
        await ConfigureAsync(root, layer!, request, cancel);
        var sbuild = new Command("sbuild", "--nolog", "--", $"{root.Path}{Step.BuildHome}/{request.Source.FileName}")
        {
            Environment = new Dictionary<string, string>
            {
                ["HOME"] = home,
                ["TMPDIR"] = $"{home}/tmp",
                ["SBUILD_CONFIG"] = $"{home}/sbuild.conf",
            },
        };
        var since = request.Log.Length;
        var limits = new StepClock(Settings.Limits).Remaining;
        var result = await RunAsync(root, sbuild, isolated: false, request.Log, limits, cancel);
        var stage =
            result.End == ToolEnd.Exited
                ? SbuildExits.Stage([.. Causes.OfBuild(request.Log, since).Select(line => line.Text)])
                : "";
        return result.Succeeded && stage.Length == 0
            ? null
            : Overrun.Verdict(root, Settings.Limits, request.Log, since) ?? Judge(result, stage, request, since);
    }

    private async Task ConfigureAsync(RootSession root, string layer, BuildRequest request, CancellationToken cancel)
    {
        var home = root.Path + Home;
        var tarball = Directory
            .GetFiles(Settings.Layers.Root(layer), "base.tar*")
            .Select(System.IO.Path.GetFileName)
            .Single();
        var products = Directory.EnumerateFiles(request.Products, "*.deb").Any() ? request.Products : null;
        var files = new Dictionary<string, string>(
            SessionAccounts.Files(SbuildConfiguration.User).Select(f => KeyValuePair.Create($"etc/{f.Key}", f.Value))
        )
        {
            ["sbuild.conf"] = SbuildConfiguration.Text(
                Settings,
                home,
                $"{root.Path}/{tarball}",
                request.Repositories,
                products
            ),
            ["preferences/pkgforge"] = DebianBuilder.Preferences,
            ["preferences/proxy"] = Settings.Proxy is { } proxy
                ? $"Acquire::http::Proxy \"{proxy}\";\nAcquire::https::Proxy \"{proxy}\";\n"
                : "",
        };
        await PutFilesAsync(root, files, cancel);
        await root.RequireOnHostAsync(new("mkdir", "--", $"{home}/products", $"{home}/tmp"), cancel);
        await SessionAccounts.MountAsync(root, $"{home}/etc", cancel);
    }

    private BuildOutcome Judge(ToolResult result, string stage, BuildRequest request, long since)
    {
        var log = request.Log;
        var exit = ToolExit.Find(SbuildExits.Table, result.ExitCode, stage);
        var said = Causes.OfBuild(log, since);
        if (result.End != ToolEnd.Exited || exit is { Code: 2 })
            return Causes.Find(("build", Format), result, Settings.Limits, log, SbuildExits.OfBuild(said));
        var complaint = said.LastOrDefault(line => line.Text.StartsWith("E: ", StringComparison.Ordinal));
        FarmFaultException Fault() =>
            new($"sbuild failed ({exit.Means}; exit code {result.ExitCode}, stage '{stage}'): {complaint?.Text}");
        var texts = said.Select(line => line.Text).ToList();
        if (exit.Blame == Blame.Farm || exit.Blame == Blame.Words && SbuildExits.IsFarmsFault(texts))
            throw Fault();
        if (exit.Blame == Blame.Words && SbuildExits.IsNotInstalled(texts))
            return Causes.OfFarmsPackages(result, SbuildExits.InstallsFarmsPackages(texts), log, since, "dpkg: error")
                ?? throw Fault();
        return exit.Cause == Cause.UnsatisfiableDependency
            ? Causes.OfDependencies(Format, log, since, LookedAt.Describe(Settings.Recipe, request, ".deb"))
            : Fail(exit, complaint, log);
    }
}
