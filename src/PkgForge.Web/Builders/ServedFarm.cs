using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Buckets;
using PkgForge.Registry.Builders;
using PkgForge.Spool;

namespace PkgForge.Web.Builders;

/// <summary>What the server serves.</summary>
/// <param name="Registry">Knows tokens, and which builder holds which task.</param>
/// <param name="Farm">The farm as builders of this machine see it.</param>
/// <param name="Files">The files of this machine that those of others are given.</param>
/// <param name="Spool">Where jobs are put, and where logs and products are.</param>
/// <param name="Buckets">Names of all buckets.</param>
/// <param name="Shelf">What the buckets hold.</param>
/// <param name="Time">The clock of this machine.</param>
public sealed record ServedFarm(
    IRegistry Registry,
    IBuilderFarm Farm,
    IBuilderFiles Files,
    SpoolDirectories Spool,
    IReadOnlyList<string> Buckets,
    IBucketShelf Shelf,
    TimeProvider Time
)
{
    /// <summary>The address by which other machines reach the server, where the configuration names it.</summary>
    public Uri? Url { get; init; }

    /// <summary>Those of the buckets to which only their maintainers submit.</summary>
    public IReadOnlySet<string> MaintainersOnly { get; init; } = new HashSet<string>();

    /// <summary>Publishes products in another bucket; null where this server cannot.</summary>
    public Promote? Promote { get; init; }

    /// <summary>
    /// Takes a job out of incoming that was not registered yet, and tells whether there was one; null where this server cannot.
    /// </summary>
    public Func<JobId, CancellationToken, Task<bool>>? Withdraw { get; init; }
}
