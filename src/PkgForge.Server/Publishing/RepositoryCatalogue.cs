using System.Collections.Concurrent;
using System.Globalization;
using PkgForge.Registry.Builders;

namespace PkgForge.Server.Publishing;

/// <summary>
/// Lists the files of a bucket's repository as its readers see them, snapshot by snapshot. A snapshot never changes once it is
/// current, so its list is made once. Its number may be given out again when it was taken back: a revision is the number and the digest of the file
/// that readers begin with.
/// </summary>
internal sealed class RepositoryCatalogue
{
    /// <summary>Lists that are kept: one may be of thousands of files.</summary>
    private const int MostKept = 50;

    private static readonly string[] Kinds = ["dists", "repodata", "list"];

    private readonly ConcurrentDictionary<(string Directory, string Revision), RepositoryContent> known = new();

    /// <summary>See <see cref="IBuilderFiles.ContentOf"/>.</summary>
    public RepositoryContent? ContentOf(RepositoryReference repository, string? revision)
    {
        foreach (var kind in Kinds.Where(kind => Path.Exists($"{repository.Directory}/{kind}")))
        {
            var snapshots = new SnapshotStore(repository.Directory, kind);
            var wanted = revision is null
                ? snapshots.Current()
                : snapshots.All().FirstOrDefault(snapshot => snapshot.Number == NumberOf(revision));
            return wanted is null ? null : Content(repository.Directory, kind, wanted, revision);
        }
        return null;
    }

    private RepositoryContent? Content(string repository, string kind, Snapshot snapshot, string? wanted)
    {
        try
        {
            var revision = $"{snapshot.Number}-{Digest.OfFile(ListOfIndexes(snapshot.Directory, kind))}";
            if (wanted is not null && wanted != revision)
                return null;
            if (known.TryGetValue((repository, revision), out var content))
                return content;
            // The oldest of a repository are asked for no more.
            foreach (
                var old in known.Keys.OrderBy(key => NumberOf(key.Revision)).Take(Math.Max(0, known.Count - MostKept))
            )
                known.TryRemove(old, out _);
            return known.GetOrAdd((repository, revision), _ => List(repository, kind, snapshot, revision));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Later publishes have swept it away.
            return null;
        }
    }

    private static RepositoryContent List(string repository, string kind, Snapshot snapshot, string revision)
    {
        var files = new Dictionary<string, RepositoryFile>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles($"{snapshot.Directory}/{kind}", "*", SearchOption.AllDirectories))
            files.Add(
                Path.GetRelativePath(snapshot.Directory, path),
                new(path, new FileInfo(path).Length, Digest.OfFile(path))
            );
        foreach (var member in snapshot.Members())
            files.Add(member.Path, new($"{repository}/{member.Path}", member.Product.Size, member.Product.Sha256));
        return new(revision, files);
    }

    /// <summary>The file that readers begin with: with its digest, the number of a snapshot names its content (BucketRepository.Reference).</summary>
    private static string ListOfIndexes(string snapshot, string kind) =>
        kind switch
        {
            "repodata" => $"{snapshot}/repodata/repomd.xml",
            "list" => $"{snapshot}/list/products",
            _ => $"{Directory.GetDirectories($"{snapshot}/dists").Single()}/Release",
        };

    /// <summary>A revision begins with the number of its snapshot.</summary>
    private static int NumberOf(string revision) =>
        int.TryParse(revision.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;
}
