using PkgForge.Platforms;

namespace PkgForge.Registry.Buckets;

/// <summary>The buckets' repositories as somebody sees them who looks at them: the seam that keeps HTTP from knowing how they lie on the disk.</summary>
public interface IBucketShelf
{
    /// <summary>More packages of one snapshot than this are not read.</summary>
    public const int MostFiles = 100_000;

    /// <summary>All buckets, by name.</summary>
    IReadOnlyList<Bucket> Buckets { get; }

    /// <summary>The repository of a bucket for a platform.</summary>
    BucketRepositoryState Look(string bucket, Platform platform);

    /// <summary>The packages of a snapshot, by name; null when it is not kept (any more).</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="platform">The platform.</param>
    /// <param name="snapshot">Its number.</param>
    IReadOnlyList<BucketFile>? Read(string bucket, Platform platform, int snapshot);
}

/// <summary>A bucket.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uses">Buckets whose packages satisfy the build dependencies of its jobs.</param>
public sealed record Bucket(string Name, IReadOnlyList<string> Uses);

/// <summary>A bucket's repository for a platform.</summary>
/// <param name="Packages">How many packages the current snapshot lists; 0 where nothing was published.</param>
/// <param name="Size">Bytes of them all.</param>
/// <param name="Snapshots">Those that are kept, the current one first.</param>
/// <param name="Usage">How apt or dnf use it.</param>
public sealed record BucketRepositoryState(
    int Packages,
    long Size,
    IReadOnlyList<BucketSnapshot> Snapshots,
    RepositoryUsage Usage
);

/// <summary>A state of a repository that is kept.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Time">When it was made.</param>
/// <param name="Publisher">The attempt whose products were published with it; null for one that adds nothing, and where nobody knows.</param>
public sealed record BucketSnapshot(int Number, DateTimeOffset Time, AttemptKey? Publisher);

/// <summary>A package of a repository.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
public sealed record BucketFile(string Name, long Size, string Sha256);

/// <summary>What a user writes to install from a repository.</summary>
/// <param name="Text">The text.</param>
/// <param name="File">Where it goes; null where nothing reads such a file.</param>
/// <param name="Published">The address is one that other machines reach.</param>
public sealed record RepositoryUsage(string Text, string? File, bool Published);
