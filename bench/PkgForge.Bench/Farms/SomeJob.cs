using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;

namespace PkgForge.Bench.Farms;

/// <summary>Jobs as Incoming registers them.</summary>
internal static class SomeJob
{
    /// <summary>A job of one source, which has the job's name.</summary>
    public static NewJob New(string id, IReadOnlyList<PlatformKey> platforms, params IReadOnlyList<string> after) =>
        new(
            new Job
            {
                Id = JobId.Parse(id),
                Submitter = "user0",
                Time = TimeProvider.System.GetUtcNow(),
                Bucket = "main",
                After = [.. after.Select(JobId.Parse)],
                Sources = [$"{id}_1.0-1.dsc"],
                Files = [],
            },
            new string('0', 64),
            platforms
        );
}
