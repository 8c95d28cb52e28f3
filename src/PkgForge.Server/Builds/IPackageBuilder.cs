using PkgForge.Server.Builds.Logs;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>
/// Builds source packages of one format on one platform.
/// <para>
/// The contract: <see cref="PrepareAsync"/> is called before the first build of a task and may take minutes the first
/// time. <see cref="BuildAsync"/> returns what the package's fate is, or throws <see cref="FarmFaultException"/> when the
/// farm failed, or <see cref="OperationCanceledException"/> when cancelled. However it ends, nothing of the build runs any
/// more, and nothing is mounted or left on disk but the products and the log. One builder runs one build at a time.
/// </para>
/// </summary>
public interface IPackageBuilder
{
    /// <summary>The source packages that it can build.</summary>
    PackageFormat Format { get; }

    /// <summary>Makes sure that builds can start: tools are there, the platform's base layer is made.</summary>
    /// <exception cref="FarmFaultException">They cannot, this time.</exception>
    /// <exception cref="MachineLacksException">They cannot on this machine: a tool is missing, or room on its disk.</exception>
    Task PrepareAsync(BuildLog log, CancellationToken cancel);

    /// <summary>
    /// What each of some sources makes and needs, in their order, to put them in another one. What cannot be told is left out; null when this builder can tell nothing of any.
    /// </summary>
    /// <param name="sources">Checked and found valid, all of this builder's format.</param>
    /// <param name="log">Takes what could not be told, and why.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="FarmFaultException">The farm failed.</exception>
    Task<IReadOnlyList<SourceRelations>?> RelateAsync(
        IReadOnlyList<SourcePackage> sources,
        BuildLog log,
        CancellationToken cancel
    );

    /// <summary>Builds one source package.</summary>
    Task<BuildOutcome> BuildAsync(BuildRequest request, CancellationToken cancel);
}
