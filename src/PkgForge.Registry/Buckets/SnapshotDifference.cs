using PkgForge.Buckets;

namespace PkgForge.Registry.Buckets;

/// <summary>What two states of a repository differ in.</summary>
/// <param name="Added">Packages of which the first has no version.</param>
/// <param name="Upgraded">Files that the first has not, of packages of which it has other versions.</param>
/// <param name="Replaced">Files of the same name with another content.</param>
/// <param name="Removed">Files that the second has not.</param>
public sealed record SnapshotDifference(
    IReadOnlyList<BucketFile> Added,
    IReadOnlyList<UpgradedFile> Upgraded,
    IReadOnlyList<BucketFile> Replaced,
    IReadOnlyList<BucketFile> Removed
)
{
    /// <summary>They hold the same.</summary>
    public bool IsEmpty => Added.Count + Upgraded.Count + Replaced.Count + Removed.Count == 0;

    /// <summary>What one state has of another.</summary>
    public static SnapshotDifference Of(IReadOnlyList<BucketFile> from, IReadOnlyList<BucketFile> to)
    {
        var before = from.ToDictionary(file => file.Name, StringComparer.Ordinal);
        var versions = from.Select(file => PackageFileName.Of(file.Name))
            .ToLookup(name => (name.Name, name.Architecture), name => name.Version);
        var fresh = to.Where(file => !before.ContainsKey(file.Name))
            .Select(file => new UpgradedFile(file, [.. versions[PackageOf(file)].Distinct(StringComparer.Ordinal)]))
            .ToList();
        var after = to.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        return new(
            [.. fresh.Where(file => file.Former.Count == 0).Select(file => file.File)],
            [.. fresh.Where(file => file.Former.Count > 0)],
            [.. to.Where(file => before.TryGetValue(file.Name, out var old) && old.Sha256 != file.Sha256)],
            [.. from.Where(file => !after.Contains(file.Name))]
        );
    }

    private static (string, string) PackageOf(BucketFile file)
    {
        var name = PackageFileName.Of(file.Name);
        return (name.Name, name.Architecture);
    }
}

/// <summary>A file of a package that was there in other versions.</summary>
/// <param name="File">The file.</param>
/// <param name="Former">Those versions.</param>
public sealed record UpgradedFile(BucketFile File, IReadOnlyList<string> Former);
