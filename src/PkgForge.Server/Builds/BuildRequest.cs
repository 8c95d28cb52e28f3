using PkgForge.Registry.Builders;
using PkgForge.Server.Builds.Logs;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>One source package to build.</summary>
/// <param name="Source">Checked and found valid, in the accepted area.</param>
/// <param name="Products">
/// The directory that takes the products. Those of the sources before it in the job are there already, and satisfy its
/// build dependencies.
/// </param>
/// <param name="Repositories">Repositories of the buckets that satisfy its build dependencies.</param>
/// <param name="Log">Takes everything that the build prints.</param>
public sealed record BuildRequest(
    SourcePackage Source,
    string Products,
    IReadOnlyList<RepositoryReference> Repositories,
    BuildLog Log
)
{
    /// <summary>The job's bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>Build dependencies as the platform reads them out of the source; null where the source package's own list counts. Untrusted text.</summary>
    public IReadOnlyList<string>? Needs { get; init; }

    /// <summary>Build dependencies that the source has asked for while it was looked at in a root. Untrusted text.</summary>
    public IReadOnlyList<string> Generated { get; init; } = [];

    /// <summary>Names of packages that sources of the job make which are still to be built. Untrusted text.</summary>
    public IReadOnlySet<string> Coming { get; init; } = new HashSet<string>();

    /// <summary>Of the products that are there already.</summary>
    public ProductDigests Digests { get; init; } = new();

    /// <summary>Takes what is learnt of the build, for the record of the attempt.</summary>
    public BuildNotes Notes { get; } = new();
}
