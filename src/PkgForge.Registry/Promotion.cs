using PkgForge.Platforms;

namespace PkgForge.Registry;

/// <summary>What became of publishing the products of a task in another bucket.</summary>
/// <param name="Platform">The task's platform.</param>
/// <param name="Snapshot">The number of the snapshot that holds them; 0 where they were not published.</param>
/// <param name="Refusal">Why they were not, for a person; null where they were.</param>
public sealed record PromotionOutcome(PlatformKey Platform, int Snapshot, string? Refusal);

/// <summary>
/// Publishes the products of a job's tasks that have succeeded in another bucket, as they are: nothing is built again. Of each platform all or nothing is
/// published; safe to repeat.
/// </summary>
/// <param name="job">The job, with its tasks.</param>
/// <param name="platform">Of one of its tasks only; null for all that have succeeded.</param>
/// <param name="bucket">Where to. It must be one of the farm's buckets.</param>
/// <param name="cancel">Gives up: what was published by then stays.</param>
/// <exception cref="FarmFaultException">The disk failed.</exception>
public delegate Task<IReadOnlyList<PromotionOutcome>> Promote(
    JobDetail job,
    PlatformKey? platform,
    string bucket,
    CancellationToken cancel
);
