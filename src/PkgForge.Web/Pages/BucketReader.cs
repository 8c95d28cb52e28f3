using System.Globalization;
using Microsoft.AspNetCore.Http;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Buckets;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>What buckets hold, from the repositories, and where it comes from, from the registry.</summary>
internal sealed class BucketReader(ServedFarm farm)
{
    /// <summary>All buckets, or the one of <c>{bucket}</c>; none when there is no such one.</summary>
    public async Task<IReadOnlyList<BucketOverview>> OverviewAsync(HttpContext http, string? name = null)
    {
        var platforms = await farm.Registry.ListPlatformsAsync(http.RequestAborted);
        return
        [
            .. from bucket in farm.Shelf.Buckets
            where name is null || bucket.Name == name
            select new BucketOverview(
                bucket,
                [
                    .. platforms
                        .Select(platform => new RepositoryOverview(platform, farm.Shelf.Look(bucket.Name, platform)))
                        .Where(repository => repository.Platform.Active || repository.State.Packages > 0),
                ]
            ),
        ];
    }

    /// <summary>The repository of <c>{bucket}</c> and <c>{platform}</c>; or the answer that there is none.</summary>
    public async Task<(FoundRepository? Found, IResult? Problem)> FindAsync(HttpContext http)
    {
        var (name, text) = (Addressed.Part(http, "bucket"), Addressed.Part(http, "platform"));
        if (farm.Shelf.Buckets.All(bucket => bucket.Name != name))
            return (null, NoBucket(name));
        var platform = PlatformKey.TryParse(text, out var key)
            ? (await farm.Registry.ListPlatformsAsync(http.RequestAborted)).FirstOrDefault(known => known.Key == key)
            : null;
        return platform is null
            ? (null, Answers.NotFound($"there is no platform '{text}'"))
            : (new(name, platform, farm.Shelf.Look(name, platform)), null);
    }

    public static IResult NoBucket(string name) => Answers.NotFound($"there is no bucket '{name}'");

    /// <summary>A page of the packages of a snapshot, by name.</summary>
    /// <param name="found">Which repository.</param>
    /// <param name="search">Only files whose name has this in it, without case; null for all.</param>
    /// <param name="after">Only files after this one.</param>
    /// <param name="snapshot">Which snapshot; null for the current one.</param>
    /// <param name="limit">So many files.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null when the snapshot is not kept (any more).</returns>
    public async Task<RepositoryPage?> ReadAsync(
        FoundRepository found,
        string? search,
        string? after,
        int? snapshot,
        int limit,
        CancellationToken cancel
    )
    {
        var number = snapshot ?? (found.State.Snapshots is [var current, ..] ? current.Number : (int?)null);
        if (number is null)
            return new(null, [], 0, More: false);
        if (farm.Shelf.Read(found.Bucket, found.Platform, number.Value) is not { } all)
            return null;
        var matching = search is null
            ? all
            : [.. all.Where(file => file.Name.Contains(search, StringComparison.OrdinalIgnoreCase))];
        var rest = matching
            .Where(file => after is null || string.CompareOrdinal(file.Name, after) > 0)
            .Take(limit + 1)
            .ToList();
        var shown = rest.Take(limit).ToList();
        var origins = (
            await farm.Registry.FindPublishedAsync(
                found.Bucket,
                found.Platform.Key,
                [.. shown.Select(file => file.Name)],
                cancel
            )
        ).ToDictionary(origin => origin.FileName, StringComparer.Ordinal);
        // The registry knows who published a file of this name last: that is this file only if it is the same.
        return new(
            number,
            [
                .. shown.Select(file => new ShelvedFile(
                    file,
                    origins.GetValueOrDefault(file.Name) is { } origin && origin.Sha256 == file.Sha256 ? origin : null
                )),
            ],
            matching.Count,
            rest.Count > limit
        );
    }

    /// <summary>Who published each of the snapshots that are kept.</summary>
    public async Task<IReadOnlyList<ShelvedSnapshot>> SnapshotsAsync(FoundRepository found, CancellationToken cancel)
    {
        var publishers = await farm.Registry.FindPublishersAsync(
            [.. found.State.Snapshots.Select(snapshot => snapshot.Publisher).OfType<AttemptKey>()],
            cancel
        );
        return
        [
            .. found.State.Snapshots.Select(snapshot => new ShelvedSnapshot(
                snapshot,
                snapshot.Publisher is { } attempt ? publishers.GetValueOrDefault(attempt) : null
            )),
        ];
    }

    /// <summary>What two snapshots differ in, by <c>from</c> and <c>to</c>; or the answer that it cannot be said.</summary>
    public (int From, int To, SnapshotDifference? Difference, IResult? Problem) Compare(
        HttpContext http,
        FoundRepository found
    )
    {
        if (Number(http, "from") is not { } from || Number(http, "to") is not { } to)
            return (0, 0, null, Answers.BadRequest("expected the numbers of two snapshots: from=N&to=N"));
        var (before, after) = (Read(found, from), Read(found, to));
        return before is null || after is null
            ? (
                from,
                to,
                null,
                Answers.NotFound(
                    $"snapshot {(before is null ? from : to)} of {found.Bucket} on {found.Platform.Key} is not kept: a repository keeps its last ones"
                )
            )
            : (from, to, SnapshotDifference.Of(before, after), null);
    }

    private IReadOnlyList<BucketFile>? Read(FoundRepository found, int snapshot) =>
        farm.Shelf.Read(found.Bucket, found.Platform, snapshot);

    /// <summary>A number of a snapshot in the query; null when there is none.</summary>
    public static int? Number(HttpContext http, string name) =>
        int.TryParse(
            http.Request.Query[name].ToString(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;
}
