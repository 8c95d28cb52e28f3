using PkgForge.Jobs;

namespace PkgForge.Registry.Views;

/// <summary>What became of publishing a job's products in another bucket.</summary>
/// <param name="Job">The job.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="Platforms">Each task that had made something.</param>
public sealed record PromotedJson(string Job, string Bucket, PromotedPlatformJson[] Platforms)
{
    /// <summary>What became of it.</summary>
    public static PromotedJson Of(JobId job, string bucket, IReadOnlyList<PromotionOutcome> outcomes) =>
        new(
            job.ToString(),
            bucket,
            [
                .. outcomes.Select(outcome => new PromotedPlatformJson(
                    outcome.Platform.ToString(),
                    outcome.Refusal is null ? outcome.Snapshot : null,
                    outcome.Refusal
                )),
            ]
        );
}

/// <summary>What became of one platform.</summary>
/// <param name="Platform"><c>NAME-ARCHITECTURE</c>.</param>
/// <param name="Snapshot">The number of the bucket's snapshot that holds the products; null where they were not published.</param>
/// <param name="Refusal">Why they were not; null where they were.</param>
public sealed record PromotedPlatformJson(string Platform, int? Snapshot, string? Refusal);
