namespace PkgForge.Registry.Views;

/// <summary>A source package of a list.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version in the last job that builds it; empty where the file's name says none.</param>
/// <param name="Job">That job.</param>
/// <param name="State">The job's state.</param>
/// <param name="Registered">When it was registered.</param>
public sealed record PackageSummaryJson(
    string Name,
    string Version,
    string Job,
    string State,
    DateTimeOffset Registered
)
{
    /// <summary>A source package.</summary>
    public static PackageSummaryJson Of(PackageSummary package) =>
        new(package.Name, package.Version, package.Job.ToString(), Words.Of(package.State), package.Registered);
}

/// <summary>A source package over time.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Builds">A page of the jobs that build it, newest first.</param>
/// <param name="Published">Which versions buckets hold.</param>
/// <param name="Next">The address of the next page; null when this is the last.</param>
public sealed record PackageHistoryJson(
    string Name,
    PackageBuildJson[] Builds,
    PublishedVersionJson[] Published,
    string? Next
)
{
    /// <summary>A source package.</summary>
    public static PackageHistoryJson Of(PackageHistory package, string? next) =>
        new(
            package.Name,
            [.. package.Builds.Select(PackageBuildJson.Of)],
            [
                .. package.Published.Select(version => new PublishedVersionJson(
                    version.Bucket,
                    version.Platform.ToString(),
                    version.Version,
                    version.Files,
                    version.At
                )),
            ],
            next
        );
}

/// <summary>A job that builds a source package.</summary>
/// <param name="Version">The version.</param>
/// <param name="Job">The job.</param>
/// <param name="State">The job's state.</param>
/// <param name="Bucket">Where its products go.</param>
/// <param name="Scratch">Nothing is published.</param>
/// <param name="Submitter">Who submitted it.</param>
/// <param name="Registered">When it was registered.</param>
/// <param name="Tasks">Its tasks, by platform.</param>
public sealed record PackageBuildJson(
    string Version,
    string Job,
    string State,
    string Bucket,
    bool Scratch,
    string Submitter,
    DateTimeOffset Registered,
    PackageTaskJson[] Tasks
)
{
    /// <summary>A job.</summary>
    public static PackageBuildJson Of(PackageBuild build) =>
        new(
            build.Version,
            build.Job.Id.ToString(),
            Words.Of(build.Job.State),
            build.Job.Bucket,
            build.Job.Scratch,
            build.Job.Submitter,
            build.Job.Registered,
            [
                .. build.Tasks.Select(task => new PackageTaskJson(
                    task.Platform.ToString(),
                    Words.Of(task.State),
                    task.Attempt,
                    task.Started,
                    task.Ended
                )),
            ]
        );
}

/// <summary>A task, with its present or last attempt.</summary>
/// <param name="Platform">The platform.</param>
/// <param name="State">The task's state.</param>
/// <param name="Attempt">The attempt's number; 0 before the first.</param>
/// <param name="Started">When it began.</param>
/// <param name="Ended">When it ended.</param>
public sealed record PackageTaskJson(
    string Platform,
    string State,
    int Attempt,
    DateTimeOffset? Started,
    DateTimeOffset? Ended
);

/// <summary>A version of a source package in a bucket.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Version">The version.</param>
/// <param name="Files">How many files of it the bucket holds.</param>
/// <param name="Published">When the last of them was published.</param>
public sealed record PublishedVersionJson(
    string Bucket,
    string Platform,
    string Version,
    int Files,
    DateTimeOffset Published
);
