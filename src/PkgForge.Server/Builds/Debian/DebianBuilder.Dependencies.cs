using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Debian;

/// <summary>What a Debian source needs: worked out, fetched and installed by the root's own apt.</summary>
public sealed partial class DebianBuilder
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

    /// <summary>apt's exit code for all that it refuses (apt-get(8)).</summary>
    private const int AptSaysNo = 100;

    /// <summary>So many packages in one command: its words are bounded by the kernel.</summary>
    private const int MostAtOnce = 1000;

    // By itself apt tells the MD5 of what it would install.
    private static readonly string[] Resolve = ["-o", "Acquire::ForceHash=SHA256", "--print-uris"];

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
    private Task UpdateAsync(RootSession root, BuildLog log, CancellationToken cancel) =>
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
        Installing installing,
        CancellationToken cancel
    )
    {
        if (await OfferRepositoriesAsync(root, request, cancel) is { } failure)
            return ("", failure);
        await UpdateAsync(root, request.Log, cancel);
        var source = $"{Step.BuildHome}/{request.Source.FileName}";
        var solved = new CapturedOutput();
        var answer = await root.RunAsync(Apt([.. Resolve, "build-dep", source]), solved, null, cancel);
        if (!answer.Succeeded)
            return answer is { End: ToolEnd.Exited, ExitCode: AptSaysNo }
                ? ("", Unsatisfiable(solved, request))
                : throw new FarmFaultException(
                    $"apt could not work out the build dependencies (exit code {answer.ExitCode}): {solved.Tail()}"
                );
        var set = DebianSet.Of(solved.Text);
        // apt names what it would remove in no other way. The rest of the set removes what it does wherever it is installed.
        if (((DebianSource)request.Source).HasConflicts)
            set = DebianSet.WithRemovals(set, await PlayAsync(root, ["build-dep", source], cancel));
        return set.Length > 0 && await installing.IsDueAsync(set)
            ? (set, await InstallAsync(root, request.Log, solved.Text, ["build-dep", source], cancel))
            : (set, null);
    }

    /// <summary>Has apt play through what it would do.</summary>
    private async Task<string> PlayAsync(RootSession root, IReadOnlyList<string> words, CancellationToken cancel)
    {
        var played = new CapturedOutput();
        return (await root.RunAsync(Apt(["--simulate", .. words]), played, null, cancel)).Succeeded
            ? played.Text
            : throw new FarmFaultException($"what is to be removed cannot be told: {played.Tail()}");
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
        if (await OfferRepositoriesAsync(root, request, cancel) is { } unreadable)
            return ("", unreadable.Message);
        await UpdateAsync(root, request.Log, cancel);
        var names = layer.Packages.Select(package => package.Name);
        string[] gone = [.. layer.Without.Where(DebianSet.IsPlain).Select(package => package.Name).Except(names)];
        string[] words =
        [
            "install",
            "--",
            .. layer.Packages.Select(DebianSet.Exactly),
            .. gone.Select(name => $"{name}-"),
        ];
        var solved = new CapturedOutput();
        if (!(await root.RunAsync(Apt([.. Resolve, .. words]), solved, null, cancel)).Succeeded)
        {
            request.Log.Write(System.Text.Encoding.UTF8.GetBytes(solved.Text));
            return ("", Complaint(solved.Text.Split('\n', StringSplitOptions.TrimEntries)));
        }
        var failure = await InstallAsync(root, request.Log, solved.Text, words, cancel);
        return (DebianSet.With(DebianSet.Of(solved.Text), gone), failure?.Message);
    }

    private static string? Complaint(string[] lines) =>
        Array.Find(lines, line => line.StartsWith("E:", StringComparison.Ordinal));

    /// <summary>Fetching needs the network and runs nothing of the packages; installing runs their scripts, without a network.</summary>
    /// <returns>The failure, where packages that the farm has built may be what cannot be installed; of others it is the farm's fault.</returns>
    private async Task<BuildOutcome?> InstallAsync(
        RootSession root,
        BuildLog log,
        string solved,
        IReadOnlyList<string> words,
        CancellationToken cancel
    )
    {
        await PrepareAsync(root, cancel);
        await FetchAsync(root, log, solved, cancel);
        var install = Apt(words) with { Network = false, Variables = new Dictionary<string, string>([Frontend]) };
        var since = log.Length;
        var result = await root.RunAsync(install, log, null, cancel);
        if (result.Succeeded)
            return null;
        return Causes.OfFarmsPackages(
                result,
                solved.Contains("'file:", StringComparison.Ordinal),
                log,
                since,
                "dpkg: error"
            ) ?? throw new FarmFaultException($"{NotInstalled}: {ErrorLines.Of(result, log.LastLines())}");
    }

    private const string NotInstalled = "the build dependencies could not be installed";

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
    private async Task FetchAsync(RootSession root, BuildLog log, string solved, CancellationToken cancel)
    {
        foreach (var some in DebianSet.Downloads(solved).Chunk(MostAtOnce))
        {
            var files = some.SelectMany(package => new[] { package.Uri, $"{Archives}/{package.File}", package.Digest });
            var fetch = AsRoot(["/usr/lib/apt/apt-helper", .. FetchOptions, "download-file", .. files]);
            await AptAsync(root, log, "the build dependencies could not be fetched", fetch, cancel);
        }
    }

    private BuildOutcome Unsatisfiable(CapturedOutput solved, BuildRequest request)
    {
        var since = request.Log.Length;
        request.Log.Write(System.Text.Encoding.UTF8.GetBytes(solved.Text));
        return Causes.OfDependencies(Format, request.Log, since, LookedAt.Describe(Settings.Recipe, request, ".deb"));
    }

    private Task AptAsync(
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
        var result = await root.RunAsync(step, log, null, cancel);
        if (!result.Succeeded)
            throw new FarmFaultException($"{complaint}: {ErrorLines.Of(result, log.LastLines())}");
    }

    private Step Apt(params IReadOnlyList<string> words) => AsRoot(["apt-get", .. AptOptions, .. words]);

    private Step AsRoot(IReadOnlyList<string> command) =>
        new(command)
        {
            User = 0,
            Network = true,
            Variables = new Dictionary<string, string>(Settings.ProxyVariables) { [Frontend.Key] = Frontend.Value },
        };

    private static readonly KeyValuePair<string, string> Frontend = new("DEBIAN_FRONTEND", "noninteractive");
}
