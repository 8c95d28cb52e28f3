using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry.Buckets;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Checks;
using PkgForge.Server.Reporting;

namespace PkgForge.Server.Configuration;

/// <summary>
/// Everything that <c>pkgforge.yml</c> can say (docs/admin/configuration.md), with the defaults of a farm on one machine.
/// </summary>
public sealed record FarmConfiguration
{
    /// <summary>The server of a farm of another machine, which <c>target: https://...</c> names; null when the farm is on this one.</summary>
    public Uri? Server { get; init; }

    /// <summary>Directory of <c>incoming</c>, <c>accepted</c> and <c>results</c>. Also <c>--target</c>.</summary>
    public string Spool { get; init; } = "/var/lib/pkgforge/spool";

    /// <summary>Where the registry is: <c>sqlite:PATH</c> or <c>postgres:CONNECTION STRING</c>.</summary>
    public string Registry { get; init; } = "sqlite:/var/lib/pkgforge/registry.db";

    /// <summary>Directory of the buckets' repositories.</summary>
    public string Repositories { get; init; } = "/var/lib/pkgforge/buckets";

    /// <summary>The address at which that directory is served to those who install from it; null when nobody says.</summary>
    public string? RepositoriesUrl { get; init; }

    /// <summary>Directory of layers, and of what builders need while they work. Nothing in it need be backed up.</summary>
    public string Work { get; init; } = "/var/lib/pkgforge/work";

    /// <summary>Bytes that the layers of this machine may take; those that were not used for the longest time go. Default 40 GiB.</summary>
    public long Layers { get; init; } = 40L << 30;

    /// <summary>The proxy by which this machine fetches packages and their lists; null for none. It may hold a password.</summary>
    public string? Proxy { get; init; }

    /// <summary>The user that the daemons run as.</summary>
    public string User { get; init; } = "pkgforge";

    /// <summary>The group whose members may submit.</summary>
    public string Submitters { get; init; } = "pkgforge-submit";

    /// <summary>How long a job that is not complete may take to become so.</summary>
    public TimeSpan WaitForJob { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a claimed task is its builder's without a heartbeat.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a builder renews its lease.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The buckets, by name.</summary>
    public IReadOnlyDictionary<string, BucketOptions> Buckets { get; init; } = new Dictionary<string, BucketOptions>();

    /// <summary>How the root of each platform is made.</summary>
    public IReadOnlyDictionary<PlatformKey, PlatformRecipe> Platforms { get; init; } =
        new Dictionary<PlatformKey, PlatformRecipe>();

    /// <summary>What one build may use, where its platform says nothing else.</summary>
    public BuildLimits Limits { get; init; } = new();

    /// <summary>What one build of a platform may use.</summary>
    public BuildLimits LimitsOf(PlatformKey platform) =>
        Platforms.TryGetValue(platform, out var recipe) ? recipe.Limits.Over(Limits) : Limits;

    /// <summary>The general limits, and those of every platform.</summary>
    public IEnumerable<BuildLimits> AllLimits => Platforms.Keys.Select(LimitsOf).Prepend(Limits);

    /// <summary>The buckets to which only their maintainers submit.</summary>
    public IReadOnlySet<string> MaintainersOnly =>
        Buckets
            .Where(bucket => bucket.Value.Submit == BucketSubmitters.Maintainers)
            .Select(bucket => bucket.Key)
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Where mail goes out; null when the farm sends none.</summary>
    public MailOptions? Mail { get; init; }

    /// <summary>How <c>serve</c> serves.</summary>
    public ServeOptions Serve { get; init; } = new();

    /// <summary>What <c>submit</c> assumes where it is not told.</summary>
    public SubmitDefaults Submit { get; init; } = new();
}

/// <summary>A bucket: a named set of package repositories, one per platform.</summary>
/// <param name="Uses">Buckets whose packages satisfy the build dependencies of its jobs. Default: itself.</param>
/// <param name="Lintian">What a failing lintian means for a job.</param>
/// <param name="Rpmlint">What a failing rpmlint means for a job.</param>
/// <param name="Submit">Who may submit to it.</param>
public sealed record BucketOptions(
    IReadOnlyList<string> Uses,
    CheckMode Lintian,
    CheckMode Rpmlint,
    BucketSubmitters Submit = BucketSubmitters.Everybody
);

/// <summary>What <c>submit</c> assumes where it is not told.</summary>
public sealed record SubmitDefaults
{
    /// <summary>The bucket.</summary>
    public string? Bucket { get; init; }

    /// <summary>Words of the platform language.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Words for architectures.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = [];

    /// <summary>Addresses for reports.</summary>
    public IReadOnlyList<string> Report { get; init; } = [];

    /// <summary>How soon jobs are to be built.</summary>
    public Priority Priority { get; init; } = Priority.Normal;
}
