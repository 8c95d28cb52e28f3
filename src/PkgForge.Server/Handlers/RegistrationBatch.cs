using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>A job whose copy stands under its name, and which is to be registered now.</summary>
/// <param name="Source">Where it lies in <c>incoming</c>.</param>
/// <param name="Load">What was found out about it, without the manifest's bytes.</param>
/// <param name="Job">What is to be registered.</param>
/// <param name="Warnings">What was asked for and could not be had.</param>
internal sealed record AcceptedJob(IncomingJob Source, LoadResult Load, NewJob Job, IReadOnlyList<string> Warnings)
{
    /// <summary>The registry has no need of the files, of which there may be thousands.</summary>
    public static AcceptedJob Of(LoadResult load, LoadedJob loaded, AdmissionResult judged)
    {
        var job = loaded.Job with { Files = [] };
        return new(
            loaded.Source,
            load with
            {
                Loaded = null,
                Claimed = job,
            },
            new(job, loaded.ManifestSha256, judged.Platforms) { Warnings = judged.Warnings },
            judged.Warnings
        );
    }
}

/// <summary>
/// Jobs that are to be registered in one transaction. The first batch of a pass is one job, each one after it twice as large: so the
/// first job is never delayed, and no job by more than those before it took together.
/// </summary>
internal sealed class RegistrationBatch(TimeProvider time)
{
    /// <summary>Beyond this a larger batch saves nothing: the transaction is a small part of what a job costs.</summary>
    private const int MostJobs = 100;

    /// <summary>As large as the largest manifest: so much is kept in memory anyhow.</summary>
    private const long MostBytes = Manifest.MaxBytes;

    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(1);

    private List<AcceptedJob> jobs = [];
    private HashSet<JobId> ids = [];
    private int size = 1;
    private long bytes;
    private long since;

    /// <summary>Nothing more is to be waited for.</summary>
    public bool IsDue =>
        jobs.Count >= size || bytes >= MostBytes || (jobs.Count > 0 && time.GetElapsedTime(since) >= MostTime);

    public bool Contains(JobId id) => ids.Contains(id);

    /// <param name="job">The job.</param>
    /// <param name="manifestBytes">Size of its manifest.</param>
    public void Add(AcceptedJob job, long manifestBytes)
    {
        if (jobs.Count == 0)
            since = time.GetTimestamp();
        jobs.Add(job);
        ids.Add(job.Job.Job.Id);
        bytes += manifestBytes;
    }

    /// <summary>What there is, in the order in which it came; the batch is empty after that.</summary>
    public IReadOnlyList<AcceptedJob> Take()
    {
        var taken = jobs;
        if (taken.Count > 0)
            size = Math.Min(size * 2, MostJobs);
        (jobs, ids, bytes) = ([], [], 0);
        return taken;
    }
}
