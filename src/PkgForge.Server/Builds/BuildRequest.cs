using PkgForge.Registry.Builders;
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

    /// <summary>Build dependencies that the source has asked for while it was looked at in a root. Untrusted text.</summary>
    public IReadOnlyList<string> Generated { get; init; } = [];

    /// <summary>Takes what is learnt of the build, for the record of the attempt.</summary>
    public BuildNotes Notes { get; } = new();
}
