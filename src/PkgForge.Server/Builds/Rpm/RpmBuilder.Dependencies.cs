using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>What an RPM source needs: worked out, fetched and installed by the host's dnf.</summary>
public sealed partial class RpmBuilder
{
    /// <inheritdoc/>
    protected override async Task FetchListsAsync(RootSession root, BuildLog log, CancellationToken cancel)
    {
        var dnf = new DnfCommand(Settings);
        dnf.WriteConfiguration([]);
        if (!(await root.RunOnHostAsync(dnf.Run(root, ["makecache"]), log, cancel)).Succeeded)
            throw new FarmFaultException($"the package lists could not be fetched: {ErrorLines.In(log.LastLines())}");
    }

    private static IEnumerable<string> Wanted(BuildRequest request) =>
        [.. request.Needs ?? ((SourceRpm)request.Source).BuildRequires, .. request.Generated];

    /// <inheritdoc/>
    protected override bool NeedsPackages(BuildRequest request) => Wanted(request).Any();

    /// <inheritdoc/>
    protected override async Task<(string Set, BuildOutcome? Failure)> InstallDependenciesAsync(
        RootSession root,
        BuildRequest request,
        Installing installing,
        CancellationToken cancel
    )
    {
        string[] wanted = [.. Wanted(request)];
        if (Array.Find(wanted, requirement => !Requirements.IsPlain(requirement)) is { } strange)
            return ("", Strange(strange, request.Log));
        var dnf = new DnfCommand(Settings);
        dnf.WriteConfiguration(await RepositoriesAsync(root, request, cancel));
        var since = request.Log.Length;
        var printed = new CapturedOutput();
        var fetch = dnf.BuildDependencies(root, wanted, DownloadOnly);
        if (!await SucceedsAsync(root, fetch, new TeeOutput(request.Log, printed), cancel))
            return ("", await UnsatisfiableAsync(root, dnf, wanted, (request, since), cancel));
        var subject = await SubjectAsync(root, dnf, printed.Text, cancel);
        if (subject is not null && await FindSetAsync(root, subject, installing) is { } known)
            return (known, null);
        var install = dnf.Confine(dnf.BuildDependencies(root, wanted, CacheOnly));
        var before = request.Log.Length;
        var result = await root.RunOnHostAsync(install, request.Log, cancel);
        if (!result.Succeeded)
        {
            var isOurs = DnfPlan.Read(printed.Text)?.From(DnfConfiguration.FarmPrefix) is { Count: > 0 };
            return (
                "",
                Causes.OfFarmsPackages(result, isOurs, request.Log, before, "error")
                    ?? await UnsatisfiableAsync(root, dnf, wanted, (request, since), cancel)
            );
        }
        var set = await InstalledAsync(root, dnf, cancel);
        if (subject is not null)
            NoteSet(root, subject, set);
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
        string[] wanted = [.. layer.Packages.Select(Exactly)];
        if (Array.Find(wanted, word => !Requirements.IsPackage(word)) is { } strange)
            return ("", $"'{strange}' is no package");
        var dnf = new DnfCommand(Settings);
        dnf.WriteConfiguration(await RepositoriesAsync(root, request, cancel));
        var fetch = dnf.Run(root, ["install", DownloadOnly, "--", .. wanted]);
        var install = dnf.Confine(dnf.Run(root, ["install", CacheOnly, "--", .. wanted]));
        return
            await SucceedsAsync(root, fetch, request.Log, cancel)
            && await SucceedsAsync(root, install, request.Log, cancel)
            ? (await InstalledAsync(root, dnf, cancel), null)
            : ("", string.Join(' ', request.Log.LastLines().TakeLast(2)));
    }

    /// <summary>Fetching needs the network and runs nothing of the packages.</summary>
    private const string DownloadOnly = "--downloadonly";

    /// <summary>Installing runs the packages' scripts, without a network.</summary>
    private const string CacheOnly = "--cacheonly";

    private static async Task<bool> SucceedsAsync(
        RootSession root,
        Command command,
        IOutput output,
        CancellationToken cancel
    ) => (await root.RunOnHostAsync(command, output, cancel)).Succeeded;

    private static string Exactly(RecordedPackage package) =>
        $"{package.Name}-{package.Version}.{package.Architecture}";

    internal static async Task<IReadOnlyList<(string Name, string Url)>> RepositoriesAsync(
        RootSession root,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        var repositories = request.Repositories.Select(r => (r.Name, $"file://{r.Directory}")).ToList();
        if (Directory.EnumerateFiles(request.Products, "*.rpm").Any())
        {
            await MountProductsAsync(root, request, OwnProducts, cancel);
            var directory = root.Path + OwnProducts;
            // The products are as untrusted as their source: the tool sees them as nobody, without a network.
            await root.RequireOnHostAsync(new("unshare", "--net", "--", "createrepo_c", "--quiet", directory), cancel);
            repositories.Add((DnfConfiguration.OwnProducts, $"file://{directory}"));
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
        // From what it has just fetched: a mirror that goes away now is no answer.
        var ask = dnf.BuildDependencies(root, wanted, CacheOnly, "--assumeno");
        var answer = await root.RunOnHostAsync(ask, solved, cancel);
        var lines = solved.Text.Split('\n', StringSplitOptions.TrimEntries);
        if (Array.Exists(lines, line => line.StartsWith("No such command: builddep", StringComparison.Ordinal)))
            throw new MachineLacksException("dnf has no command 'builddep': install dnf-plugins-core");
        if (answer.End != ToolEnd.Exited || Array.Exists(lines, l => l is "Operation aborted." or "Nothing to do."))
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
            "a build dependency is nothing that a spec file could ask for: one line of printable ASCII, without macros, at most 1024 characters"
        );
    }
}
