using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Buckets;

namespace PkgForge.Web.Pages;

/// <summary>A repository at a glance.</summary>
public sealed record RepositoryOverview(Platform Platform, BucketRepositoryState State);

/// <summary>A bucket at a glance.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Repositories">Those of active platforms, and those that hold something.</param>
public sealed record BucketOverview(Bucket Bucket, IReadOnlyList<RepositoryOverview> Repositories);

/// <summary>A repository that an address names.</summary>
public sealed record FoundRepository(string Bucket, Platform Platform, BucketRepositoryState State)
{
    /// <summary>Its address.</summary>
    public string Address => $"/buckets/{Bucket}/{Platform.Key}";
}

/// <summary>A package of a repository, and where it comes from.</summary>
/// <param name="File">The package.</param>
/// <param name="Origin">Who made it; null where the registry does not know.</param>
public sealed record ShelvedFile(BucketFile File, PublishedFile? Origin);

/// <summary>A snapshot, and who was published with it.</summary>
public sealed record ShelvedSnapshot(BucketSnapshot Snapshot, Publisher? Publisher);

/// <summary>A page of a snapshot's packages.</summary>
/// <param name="Snapshot">Its number; null when nothing was published.</param>
/// <param name="Files">The packages.</param>
/// <param name="Matching">How many there are on all pages.</param>
/// <param name="More">There is another page.</param>
public sealed record RepositoryPage(int? Snapshot, IReadOnlyList<ShelvedFile> Files, int Matching, bool More);

/// <summary>What the page of all buckets, or of one, shows.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Buckets">The buckets.</param>
/// <param name="Single">It is the page of one.</param>
public sealed record BucketsView(PageFrame Frame, IReadOnlyList<BucketOverview> Buckets, bool Single);

/// <summary>What the page of a repository shows.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Found">The repository.</param>
/// <param name="Search">What file names are looked through for; null for all.</param>
/// <param name="Page">A page of packages.</param>
/// <param name="Snapshots">Snapshots that are kept, the current one first.</param>
/// <param name="Next">The address of the next page; null when this is the last.</param>
public sealed record RepositoryView(
    PageFrame Frame,
    FoundRepository Found,
    string? Search,
    RepositoryPage Page,
    IReadOnlyList<ShelvedSnapshot> Snapshots,
    string? Next
);

/// <summary>What the page shows that compares two snapshots.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Found">The repository.</param>
/// <param name="From">The first.</param>
/// <param name="To">The second.</param>
/// <param name="Difference">What they differ in.</param>
public sealed record DifferenceView(
    PageFrame Frame,
    FoundRepository Found,
    int From,
    int To,
    SnapshotDifference Difference
)
{
    /// <summary>Longer lists are shown so far.</summary>
    public const int MostListed = 500;
}

/// <summary>A list of files under a title; nothing where there are none.</summary>
/// <param name="Id">The title's id.</param>
/// <param name="Title">The title.</param>
/// <param name="Files">The files.</param>
public sealed record FileListView(string Id, string Title, IReadOnlyList<BucketFile> Files);
