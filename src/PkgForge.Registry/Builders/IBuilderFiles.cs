using PkgForge.Platforms;

namespace PkgForge.Registry.Builders;

/// <summary>
/// What a server needs of its machine to serve builders on others, beside the farm as those of its own machine see it
/// (<see cref="IBuilderFarm"/>). It is the seam that keeps HTTP from knowing the spool and the buckets.
/// </summary>
public interface IBuilderFiles
{
    /// <summary>
    /// A directory on the file system of the results, for files that arrive in pieces. Entries are hidden and may be
    /// removed whenever no builder holds their task.
    /// </summary>
    string Uploads { get; }

    /// <summary>The most bytes of an attempt's log.</summary>
    long MostLog { get; }

    /// <summary>The most bytes of a product.</summary>
    long MostProduct { get; }

    /// <summary>See <see cref="BuilderPost.Settings"/>; null when the configuration has no recipe of the platform.</summary>
    string? SettingsOf(PlatformKey platform);

    /// <summary>What a repository holds: at the revision that is asked for, or now.</summary>
    /// <param name="repository">From a <see cref="TaskOrder"/>.</param>
    /// <param name="revision">Of an earlier answer; null for the present one.</param>
    /// <returns>Null when there is no such revision (any more), or nothing was published yet.</returns>
    RepositoryContent? ContentOf(RepositoryReference repository, string? revision);
}

/// <summary>The files of a repository at one moment.</summary>
/// <param name="Revision">Names the moment, as in <see cref="RepositoryReference.Revision"/>.</param>
/// <param name="Files">By the path under which a reader asks for them, relative to the repository.</param>
public sealed record RepositoryContent(string Revision, IReadOnlyDictionary<string, RepositoryFile> Files);

/// <summary>A file of a repository.</summary>
/// <param name="Place">Where it lies on this machine.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
public sealed record RepositoryFile(string Place, long Size, string Sha256);
