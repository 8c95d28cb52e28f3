using PkgForge.Jobs;

namespace PkgForge.Registry.Buckets;

/// <summary>Who may submit to a bucket (<c>submit:</c> in its section of the configuration).</summary>
public enum BucketSubmitters
{
    /// <summary>Whoever may submit at all.</summary>
    Everybody,

    /// <summary>The bucket's maintainers, and admins.</summary>
    Maintainers,
}

/// <summary>Whether a job may go to a bucket that only its maintainers submit to.</summary>
public static class SubmitRights
{
    /// <summary>Why not; null when it may. What publishes nothing may always be built.</summary>
    public static async Task<string?> RefuseAsync(IRegistry registry, Job job, CancellationToken cancel) =>
        job.Scratch || await registry.MaintainsAsync(job.Submitter, job.Bucket, cancel)
            ? null
            : $"only maintainers of bucket '{job.Bucket}' submit to it, and '{job.Submitter}' is none: an admin can change that ('pkgforge account maintain "
                + $"{job.Submitter} {job.Bucket}'); or submit it as scratch, to build and publish nothing";
}
