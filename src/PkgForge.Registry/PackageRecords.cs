using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry;

/// <summary>Which source packages to list, by name.</summary>
/// <param name="Search">Only those whose name has this in it, without case; null for all.</param>
/// <param name="After">Only those after this name: the last one of the page before.</param>
/// <param name="Limit">At most so many.</param>
public sealed record PackageQuery(string? Search = null, string? After = null, int Limit = 50);

/// <summary>A source package, with the last job that builds it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version in that job; empty where the file's name says none.</param>
/// <param name="Job">The job.</param>
/// <param name="State">The job's state.</param>
/// <param name="Registered">When it was registered.</param>
public sealed record PackageSummary(string Name, string Version, JobId Job, JobState State, DateTimeOffset Registered);

/// <summary>A source package over time.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Builds">A page of the jobs that build it, newest first.</param>
/// <param name="Published">Which versions of it buckets hold, those that were published last first.</param>
public sealed record PackageHistory(
    string Name,
    IReadOnlyList<PackageBuild> Builds,
    IReadOnlyList<PublishedVersion> Published
);

/// <summary>A job that builds a source package.</summary>
/// <param name="Version">The version; empty where the file's name says none.</param>
/// <param name="Job">The job.</param>
/// <param name="Tasks">Its tasks, by platform.</param>
public sealed record PackageBuild(string Version, JobSummary Job, IReadOnlyList<PackageTask> Tasks);

/// <summary>A task, with its present or last attempt.</summary>
/// <param name="Platform">The platform.</param>
/// <param name="State">The task's state.</param>
/// <param name="Attempt">The attempt's number; 0 before the first.</param>
/// <param name="Started">When the attempt began; null before the first.</param>
/// <param name="Ended">When it ended; null before that.</param>
public sealed record PackageTask(
    PlatformKey Platform,
    BuildTaskState State,
    int Attempt,
    DateTimeOffset? Started,
    DateTimeOffset? Ended
);

/// <summary>A version of a source package in a bucket.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Version">The version.</param>
/// <param name="Files">How many files of it the bucket holds.</param>
/// <param name="At">When the last of them was published.</param>
public sealed record PublishedVersion(
    string Bucket,
    PlatformKey Platform,
    string Version,
    int Files,
    DateTimeOffset At
);

/// <summary>An attempt whose products a bucket took.</summary>
/// <param name="Job">The job.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Attempt">The attempt's number.</param>
public sealed record Publisher(JobId Job, PlatformKey Platform, int Attempt);

/// <summary>Where a file of a bucket comes from.</summary>
/// <param name="FileName">The file.</param>
/// <param name="Sha256">What it was when it was published last.</param>
/// <param name="Publisher">Who made it.</param>
/// <param name="Package">The source package; null where nobody can tell.</param>
/// <param name="Version">Its version; null with it.</param>
/// <param name="At">When it was published.</param>
public sealed record PublishedFile(
    string FileName,
    string Sha256,
    Publisher Publisher,
    string? Package,
    string? Version,
    DateTimeOffset At
);
