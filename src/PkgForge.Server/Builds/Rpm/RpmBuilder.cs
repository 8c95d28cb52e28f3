using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Reproducing;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>
/// Builds RPM source packages: a base layer and dependencies by the host's <c>dnf --installroot</c> inside the root's
/// user namespace, the build by the root's own <c>rpmbuild</c>.
/// </summary>
/// <param name="settings">What it builds, how, and where.</param>
public sealed partial class RpmBuilder(RootSettings settings) : RootBuilder(settings)
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
    public override async Task<IReadOnlyList<SourceRelations>?> RelateAsync(
        IReadOnlyList<SourcePackage> sources,
        BuildLog log,
        CancellationToken cancel
    )
    {
        var relations = new List<SourceRelations>();
        foreach (var source in sources.Cast<SourceRpm>())
        {
            var (relation, why) = await InBaseAsync(source, log, root => RelateAsync(root, source, cancel), cancel);
            if (why is not null)
                log.Say($"order: what {source.FileName} makes cannot be told: {why}; a package of its name is assumed");
            relations.Add(relation ?? new([source.Name!], Requirements.Names(source.BuildRequires)));
        }
        return relations;
    }

    private async Task<(SourceRelations? Relation, string? Why)> RelateAsync(
        RootSession root,
        SourceRpm source,
        CancellationToken cancel
    ) =>
        await AskSpecAsync<SourceRelations>(
            root,
            source,
            async spec =>
            {
                var (makes, why) = await spec.MakesAsync(source, cancel);
                if (why is not null)
                    return (null, why);
                (var needs, why) = await spec.NeedsAsync(source, cancel);
                return why is null ? (new(makes, Requirements.Names(needs)), null) : (null, why);
            },
            cancel
        );

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
        if (!(await root.RunAsync(user, log, null, cancel)).Succeeded)
            throw new FarmFaultException(
                $"the base of {Settings.Platform} takes no user: {ErrorLines.In(log.LastLines())}"
            );
        var name = $"base-{Digest.OfText(await InstalledAsync(root, dnf, cancel))[..16]}";
        if (!Settings.Layers.Has(name))
            await Settings.Layers.KeepTopAsync(root, new(name, LayerPart.Without([.. NotKept, .. Lists])), cancel);
        return name;
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
        if (Array.Find(exactly, word => !Requirements.IsPackage(word)) is { } strange)
            throw new LayerGoneException(
                $"the base layer cannot be made again: '{strange}' in its record is no package"
            );
        return new RpmBuilder(Settings with { Recipe = Settings.Recipe with { Packages = exactly } }).MakeBaseAsync(
            log,
            cancel
        );
    }

    private static Task<string> InstalledAsync(RootSession root, DnfCommand dnf, CancellationToken cancel) =>
        root.RequireOnHostAsync(dnf.Rpm(root, "-qa", "--qf", "%{NEVRA} %{SHA256HEADER}\\n"), cancel);
}
