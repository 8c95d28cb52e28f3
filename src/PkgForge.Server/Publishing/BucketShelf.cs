using System.Collections.Concurrent;
using System.Globalization;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Buckets;
using PkgForge.Server.Configuration;

namespace PkgForge.Server.Publishing;

/// <summary>Looks at the buckets' repositories on this machine. It changes nothing, and reads of a snapshot no more than its list of packages.</summary>
/// <param name="configuration">Names the buckets, and where they lie.</param>
public sealed class BucketShelf(FarmConfiguration configuration) : IBucketShelf
{
    private const int MostSnapshots = 50;

    /// <summary>Sums that are remembered. A snapshot never changes; its number may be given out again when it was taken back.</summary>
    private const int MostSums = 1000;

    private readonly ConcurrentDictionary<(string Directory, DateTimeOffset Time), (int Packages, long Size)> sums =
        new();

    /// <inheritdoc/>
    public IReadOnlyList<Bucket> Buckets { get; } =
    [
        .. configuration
            .Buckets.OrderBy(bucket => bucket.Key, StringComparer.Ordinal)
            .Select(bucket => new Bucket(bucket.Key, bucket.Value.Uses)),
    ];

    /// <inheritdoc/>
    public BucketRepositoryState Look(string bucket, Platform platform)
    {
        var repository = BucketRepository.For(configuration.Repositories, bucket, platform);
        var kept = repository.Kept().Reverse().Take(MostSnapshots).ToList();
        var (packages, size) = kept is [var current, ..] ? SumOf(current) : default;
        return new(
            packages,
            size,
            [.. kept.Select(snapshot => new BucketSnapshot(snapshot.Number, snapshot.Time, MakerOf(snapshot)))],
            UsageOf(repository)
        );
    }

    /// <inheritdoc/>
    public IReadOnlyList<BucketFile>? Read(string bucket, Platform platform, int snapshot) =>
        BucketRepository
            .For(configuration.Repositories, bucket, platform)
            .Kept()
            .FirstOrDefault(kept => kept.Number == snapshot)
            is { } found
            ? Read(found)
            : null;

    /// <summary>How a repository is used by those who install from it.</summary>
    /// <param name="repository">The repository.</param>
    public RepositoryUsage UsageOf(BucketRepository repository) =>
        new(
            repository.Usage(
                configuration.RepositoriesUrl is { } url
                    ? $"{url.TrimEnd('/')}/{repository.Bucket}/{repository.Platform}"
                    : null
            ),
            repository.UsageFile,
            configuration.RepositoriesUrl is not null
        );

    private (int Packages, long Size) SumOf(Snapshot snapshot)
    {
        var key = (snapshot.Directory, snapshot.Time);
        if (sums.TryGetValue(key, out var known))
            return known;
        if (sums.Count >= MostSums)
            sums.Clear();
        var files = Read(snapshot) ?? [];
        return sums[key] = (files.Length, files.Sum(file => file.Size));
    }

    private static BucketFile[]? Read(Snapshot snapshot)
    {
        try
        {
            return
            [
                .. File.ReadLines(Snapshot.ListOf(snapshot.Directory))
                    .Take(IBucketShelf.MostFiles)
                    .Select(Member.FromLine)
                    .Select(member => new BucketFile(member.FileName, member.Product.Size, member.Product.Sha256))
                    .OrderBy(file => file.Name, StringComparer.Ordinal),
            ];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // A publish has swept it away meanwhile.
            return null;
        }
    }

    private static AttemptKey? MakerOf(Snapshot snapshot) =>
        snapshot.Maker()?.Split(' ') is [var task, var number]
        && long.TryParse(task, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
            ? new(id, attempt)
            : null;
}
