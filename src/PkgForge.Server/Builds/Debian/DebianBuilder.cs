using System.Globalization;
using PkgForge.Records;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Debian;

/// <summary>
/// Builds Debian source packages: a base layer by <c>mmdebstrap</c>, dependencies by the root's own <c>apt-get</c>, the
/// build by the root's own <c>dpkg-source</c> and <c>dpkg-buildpackage</c>.
/// </summary>
/// <param name="settings">What it builds, how, and where.</param>
public sealed partial class DebianBuilder(RootSettings settings) : RootBuilder(settings)
{
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
    /// <remarks>apt reads nothing else of a <c>.dsc</c>.</remarks>
    protected override string DependencyWords(SourcePackage source) =>
        string.Join(
            '\n',
            ((DebianSource)source)
                .BuildRelations.OrderBy(field => field.Key, StringComparer.OrdinalIgnoreCase)
                .Select(field => $"{field.Key}: {field.Value}")
        );

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
    public override Task<IReadOnlyList<SourceRelations>?> RelateAsync(
        IReadOnlyList<SourcePackage> sources,
        BuildLog log,
        CancellationToken cancel
    ) => Task.FromResult<IReadOnlyList<SourceRelations>?>(DebianRelations.Of(Settings.Platform, sources, log));

    // Within its limits whatever the changelog is: breaking them would end the root. What it complains about is for the build to judge.
    private const string AskForTime =
        "timeout 40 dpkg-parsechangelog --show-field Timestamp 2> /dev/null | head --bytes 64";

    /// <inheritdoc/>
    /// <remarks>dpkg-buildpackage would take the same. A dpkg that is too old to tell takes it for itself.</remarks>
    protected override async Task<long?> SourceDateEpochAsync(
        RootSession root,
        SourcePackage source,
        CancellationToken cancel
    )
    {
        var told = new CapturedOutput(LongestTime);
        var ask = new Step("sh", "-c", AskForTime) { Directory = Tree };
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
    protected override IReadOnlyList<string> Additions => Bootstrap.Additions;

    /// <inheritdoc/>
    protected override async Task<string> MakeBaseAsync(BuildLog log, CancellationToken cancel)
    {
        var tar = Bootstrap.NewArchive(Settings);
        await Bootstrap.MakeAsync(Settings, forTool: false, tar, log, cancel);
        var name = await UnpackBaseAsync(tar, cancel);
        File.Delete(tar);
        return name;
    }
}
