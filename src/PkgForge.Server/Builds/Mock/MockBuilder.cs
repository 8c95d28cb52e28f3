using PkgForge.Registry;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Builds.Rpm;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Mock;

/// <summary>
/// Builds RPM source packages by <c>mock</c>: once for the dependencies, with the network; then, without one, for the build. The base layer holds the archive of
/// the root that mock keeps. With a site's own configurations there is none: what they say depends on the bucket.
/// </summary>
/// <param name="settings">What it builds, how, and where.</param>
public sealed class MockBuilder(RootSettings settings) : DrivenBuilder(settings)
{
    private const string Cache = "cache";

    // Of the tool's directory, all but what mock keeps itself.
    private static readonly string[] NotKept = ["etc", "products", MockCommand.Results, "roots", "tmp", ".rpmmacros"];

    /// <inheritdoc/>
    public override PackageFormat Format => PackageFormat.Rpm;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Tools => [MockCommand.Program, "createrepo_c"];

    /// <inheritdoc/>
    protected override bool HasBase => Settings.Recipe.MockConfigurations.Length == 0;

    /// <inheritdoc/>
    protected override (string Directory, int Depth, IReadOnlyList<string> Suffixes) Products =>
        ($"{Home}/products", 1, [".rpm"]);

    /// <inheritdoc/>
    protected override string? FindLie(BuildRequest request, IReadOnlyList<string> products) =>
        RpmOrigin.FindLie(request, products);

    // dnf of Fedora 41 and newer, of the releases before, and of Debian.
    private static (string Word, string Path) PackageManager =>
        HostTools.Has("dnf5") ? ("dnf5", "/usr/bin/dnf5")
        : HostTools.Has("dnf-3") ? ("dnf4", "/usr/bin/dnf-3")
        : ("dnf4", "/usr/bin/dnf");

    /// <inheritdoc/>
    protected override Task<string> TakeTarballAsync(string tarball, CancellationToken cancel) =>
        throw new MachineLacksException("mock makes its roots itself: take 'tarball' out of the recipe");

    /// <inheritdoc/>
    protected override async Task<string> MakeBaseAsync(BuildLog log, CancellationToken cancel)
    {
        await using var root = await OpenForLayerAsync([], cancel);
        await ConfigureAsync(root, [], cancel);
        var home = root.Path + Home;
        var made = await RunAsync(root, Generated(home).Initialise(), isolated: false, log, null, cancel);
        if (!made.Succeeded)
            throw new FarmFaultException(
                $"mock could not make the root of {Settings.Platform} (exit code {made.ExitCode}): {ErrorLines.In(log.LastLines())}"
            );
        var archive = $"{home}/{Cache}/{MockConfiguration.Name}/root_cache/cache.tar.gz";
        var digest = await root.RequireOnHostAsync(new("sha256sum", "--", archive), cancel);
        var name = $"mock-{digest[..16]}";
        await root.RequireOnHostAsync(new("rm", ["-rf", "--", .. NotKept.Select(part => $"{home}/{part}")]), cancel);
        if (!Settings.Layers.Has(name))
            await Settings.Layers.KeepTopAsync(root, new(name, LayerPart.Without("dev", "proc", "tmp")), cancel);
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
        var repositories = await RpmBuilder.RepositoriesAsync(root, request, cancel);
        await ConfigureAsync(root, repositories, cancel);
        var mock = HasBase ? Generated(home) : OfSite(home, request.Bucket);
        var added = HasBase ? [] : repositories.Select(repository => repository.Url).ToList();
        var srpm = $"{root.Path}{Step.BuildHome}/{request.Source.FileName}";
        var clock = new StepClock(Settings.Limits);
        foreach (
            var (stage, command) in new[]
            {
                (MockExits.Dependencies, mock.InstallDependencies(srpm, added)),
                (MockExits.Build, mock.Rebuild(srpm, added)),
            }
        )
        {
            var since = request.Log.Length;
            var isolated = stage == MockExits.Build;
            var result = await RunAsync(root, command, isolated, request.Log, clock.Remaining, cancel);
            if (!result.Succeeded)
                return Overrun.Verdict(root, Settings.Limits, request.Log, since)
                    ?? Judge(result, stage, request.Log, since);
        }
        await SortOutAsync(root, cancel);
        return null;
    }

    private static MockCommand Generated(string home) => new(home, $"{home}/etc/mock", MockConfiguration.Name);

    /// <summary>The site's own configuration for the platform and the bucket, by the name that such sites give it.</summary>
    private MockCommand OfSite(string home, string bucket)
    {
        var name = SiteName(Settings.Platform, bucket);
        var directory = Settings.Recipe.MockConfigurations;
        return File.Exists($"{directory}/{name}.cfg")
            ? new(home, directory, name)
            : throw new MachineLacksException(
                $"there is no {directory}/{name}.cfg: mock's configuration for bucket '{bucket}' on {Settings.Platform} (PLATFORM-BUCKET-ARCHITECTURE.cfg); "
                    + "add it, or take 'mock_configurations' out of the recipe to have one generated"
            );
    }

    /// <summary>The name of a site's configuration. All three parts are checked names, so it is neither a path nor an option.</summary>
    internal static string SiteName(Platforms.PlatformKey platform, string bucket) =>
        platform.IsWellFormed && Buckets.BucketName.IsWellFormed(bucket)
            ? $"{platform.Name}-{bucket}-{platform.Architecture}"
            : throw new FarmFaultException($"'{platform}' and '{bucket}' make no name of a configuration of mock");

    private async Task ConfigureAsync(
        RootSession root,
        IReadOnlyList<(string Name, string Url)> repositories,
        CancellationToken cancel
    )
    {
        var home = root.Path + Home;
        var files = new Dictionary<string, string>(
            SessionAccounts.Files().Select(file => KeyValuePair.Create($"etc/{file.Key}", file.Value))
        )
        {
            // Debian's rpm looks for its database elsewhere.
            [".rpmmacros"] = "%_dbpath /var/lib/rpm\n",
        };
        if (HasBase)
            files[$"etc/mock/{MockConfiguration.Name}.cfg"] = MockConfiguration.Text(
                Settings,
                repositories,
                PackageManager
            );
        await PutFilesAsync(root, files, cancel);
        var own = new[] { MockCommand.Results, "roots", Cache }.Select(name => $"{home}/{name}").ToList();
        await root.RequireOnHostAsync(new("mkdir", ["-p", "--", .. own, $"{home}/tmp", $"{home}/products"]), cancel);
        await root.RequireOnHostAsync(
            new("chown", ["--", $"{Step.BuildUser}:{SessionAccounts.MockGroup}", .. own, $"{home}/tmp"]),
            cancel
        );
        await SessionAccounts.MountAsync(root, $"{home}/etc", cancel);
    }

    /// <summary>Binary packages only: mock puts its own rebuilt source package beside them.</summary>
    private static async Task SortOutAsync(RootSession root, CancellationToken cancel)
    {
        var home = root.Path + Home;
        await root.RequireOnHostAsync(
            new(
                "find",
                $"{home}/{MockCommand.Results}",
                "-maxdepth",
                "1",
                "-type",
                "f",
                "-name",
                "*.rpm",
                "!",
                "-name",
                "*.src.rpm",
                "-exec",
                "mv",
                "-t",
                $"{home}/products",
                "--",
                "{}",
                "+"
            ),
            cancel
        );
    }

    private BuildOutcome Judge(ToolResult result, string stage, BuildLog log, long since)
    {
        var exit = ToolExit.Find(MockExits.Table, result.ExitCode, stage);
        var said = Causes.OfBuild(log, since);
        var complaint = said.LastOrDefault(line => line.Text.StartsWith("ERROR: ", StringComparison.Ordinal));
        if (result.End == ToolEnd.Exited && MockExits.Decide(exit, said) == Blame.Farm)
            throw new FarmFaultException(
                $"mock failed ({exit.Means}; exit code {result.ExitCode}, stage '{stage}'): {complaint?.Text}"
            );
        return result.End != ToolEnd.Exited || exit.Cause == Cause.Unknown
            ? Causes.Find((MockExits.Build, Format), result, Settings.Limits, log, MockExits.OfBuild(said))
            : Fail(exit, MockExits.Unmet(said) ?? complaint, log);
    }
}
