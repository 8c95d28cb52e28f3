using PkgForge.Jobs;

namespace PkgForge.Registry.Sql;

/// <summary>A job on its way into the registry, as the statements take it: in JSON.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Submitter">Who submitted it.</param>
/// <param name="Bucket">Empty for a rejected job.</param>
/// <param name="Scratch">Nothing is published.</param>
/// <param name="Sources">A JSON list, as it is stored.</param>
/// <param name="Manifest">SHA-256 of the manifest.</param>
/// <param name="Priority">As a number.</param>
/// <param name="Submitted">Milliseconds since 1970.</param>
/// <param name="Reason">Why it was rejected; null for a job that was accepted.</param>
internal sealed record JobRow(
    string Id,
    string Submitter,
    string Bucket,
    bool Scratch,
    string Sources,
    string Manifest,
    int Priority,
    long Submitted,
    string? Reason
)
{
    /// <summary>The order of registration within one call.</summary>
    public int Place { get; init; }

    /// <summary>What could not be had, as a JSON list; null for nothing.</summary>
    public string? Warnings { get; init; }

    public static JobRow Of(NewJob job, int place) =>
        new(
            job.Job.Id.ToString(),
            Dialect.Storable(job.Job.Submitter),
            job.Job.Bucket,
            job.Job.Scratch,
            Json.Write(job.Job.Sources),
            job.ManifestSha256,
            (int)job.Job.Priority,
            job.Job.Time.ToUnixTimeMilliseconds(),
            null
        )
        {
            Place = place,
            Warnings = job.Warnings.Count == 0 ? null : Json.Write([.. job.Warnings.Select(Dialect.Storable)]),
        };

    public static JobRow Of(RejectedJob job) =>
        new(
            job.Id.ToString(),
            Dialect.Storable(job.Submitter),
            "",
            false,
            "[]",
            job.ManifestSha256,
            0,
            job.Submitted.ToUnixTimeMilliseconds(),
            Dialect.Storable(job.Reason)
        );
}

/// <summary>A task on its way into the registry.</summary>
/// <param name="Job">Its job's number.</param>
/// <param name="Platform">Its platform's.</param>
/// <param name="Lane">Its lane's.</param>
/// <param name="Estimate">Milliseconds that it should take; null where nobody knows.</param>
/// <param name="Chained">Its job waits for others.</param>
/// <param name="Place">The order of registration within one call.</param>
internal sealed record TaskJson(long Job, long Platform, long Lane, long? Estimate, bool Chained, int Place);

/// <summary>What tells one lane from another, on its way into the registry.</summary>
internal sealed record LaneJson(string Platform, int Priority, string Submitter, string Bucket);

/// <summary>A job and the id of one that it waits for.</summary>
internal sealed record AfterJson(long Job, string After);

/// <summary>A source package of a job, on its way into the registry.</summary>
internal sealed record PackageJson(long Job, string Name, string Version);

/// <summary>A file that a bucket took, and the source package that it is of: empty texts where nobody can tell.</summary>
internal sealed record PublishedJson(string File, string Package, string Version);

/// <summary>An attempt, by its task and number.</summary>
internal sealed record AttemptJson(long Task, long Attempt);

/// <summary>A session that gives a sign of life.</summary>
internal sealed record SessionJson(string Name, long Session);
