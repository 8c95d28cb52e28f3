using PkgForge.Platforms;
using PkgForge.Registry.Buckets;

namespace PkgForge.Registry.Views;

/// <summary>A bucket.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uses">Buckets whose packages satisfy the build dependencies of its jobs.</param>
/// <param name="Repositories">Its repositories.</param>
public sealed record FarmBucketJson(string Name, string[] Uses, RepositoryJson[] Repositories);

/// <summary>A bucket's repository for a platform.</summary>
/// <param name="Platform"><c>NAME-ARCHITECTURE</c>.</param>
/// <param name="Packages">How many packages it holds.</param>
/// <param name="Size">Bytes of them all.</param>
/// <param name="Published">When it changed last; null when nothing was published.</param>
/// <param name="Usage">What apt or dnf need to use it.</param>
public sealed record RepositoryJson(string Platform, int Packages, long Size, DateTimeOffset? Published, string Usage)
{
    /// <summary>A repository.</summary>
    public static RepositoryJson Of(Platform platform, BucketRepositoryState state) =>
        new(
            platform.Key.ToString(),
            state.Packages,
            state.Size,
            state.Packages > 0 ? state.Snapshots[0].Time : null,
            state.Usage.Text
        );
}

/// <summary>A page of what a repository holds.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Snapshot">The snapshot that is shown; null when nothing was published.</param>
/// <param name="Files">Its packages, by name.</param>
/// <param name="Snapshots">Those that are kept, the current one first.</param>
/// <param name="Next">The address of the next page; null when this is the last.</param>
public sealed record BucketContentsJson(
    string Bucket,
    RepositoryJson Repository,
    int? Snapshot,
    BucketFileJson[] Files,
    SnapshotJson[] Snapshots,
    string? Next
);

/// <summary>A package of a bucket.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Source">The source package; null where nobody can tell.</param>
/// <param name="Version">Its version.</param>
/// <param name="Job">The job that it came from.</param>
/// <param name="Attempt">The attempt at its task.</param>
/// <param name="Published">When it was published.</param>
public sealed record BucketFileJson(
    string Name,
    long Size,
    string Sha256,
    string? Source,
    string? Version,
    string? Job,
    int? Attempt,
    DateTimeOffset? Published
)
{
    /// <summary>A package.</summary>
    public static BucketFileJson Of(BucketFile file, PublishedFile? origin) =>
        new(
            file.Name,
            file.Size,
            file.Sha256,
            origin?.Package,
            origin?.Version,
            origin?.Publisher.Job.ToString(),
            origin?.Publisher.Attempt,
            origin?.At
        );
}

/// <summary>A state of a repository that is kept.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Time">When it was made.</param>
/// <param name="Job">The job that was published with it; null where there is none, or nobody knows.</param>
/// <param name="Attempt">The attempt.</param>
public sealed record SnapshotJson(int Number, DateTimeOffset Time, string? Job, int? Attempt)
{
    /// <summary>A snapshot.</summary>
    public static SnapshotJson Of(BucketSnapshot snapshot, Publisher? publisher) =>
        new(snapshot.Number, snapshot.Time, publisher?.Job.ToString(), publisher?.Attempt);
}

/// <summary>What two snapshots differ in.</summary>
/// <param name="From">The first.</param>
/// <param name="To">The second.</param>
/// <param name="Added">Files of packages of which the first has no version.</param>
/// <param name="Upgraded">Files of packages of which it has other versions.</param>
/// <param name="Replaced">Files of the same name with another content.</param>
/// <param name="Removed">Files that the second has not.</param>
public sealed record DifferenceJson(
    int From,
    int To,
    string[] Added,
    UpgradedJson[] Upgraded,
    string[] Replaced,
    string[] Removed
)
{
    /// <summary>A difference.</summary>
    public static DifferenceJson Of(int from, int to, SnapshotDifference difference) =>
        new(
            from,
            to,
            [.. difference.Added.Select(file => file.Name)],
            [.. difference.Upgraded.Select(file => new UpgradedJson(file.File.Name, [.. file.Former]))],
            [.. difference.Replaced.Select(file => file.Name)],
            [.. difference.Removed.Select(file => file.Name)]
        );
}

/// <summary>A file of a package that was there in other versions.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Former">Those versions.</param>
public sealed record UpgradedJson(string Name, string[] Former);
