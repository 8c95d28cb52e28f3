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
);

/// <summary>A package repository on this machine that a root may install from.</summary>
/// <param name="Name">The bucket's name, safe in file names and configurations.</param>
/// <param name="Directory">Where it lies.</param>
/// <param name="Revision">Changes whenever its content does.</param>
public sealed record RepositoryReference(string Name, string Directory, string Revision);
