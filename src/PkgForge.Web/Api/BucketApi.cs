using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry.Views;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Api;

/// <summary>Buckets over the API: <c>/api/v1/buckets</c>.</summary>
internal sealed class BucketApi(BucketReader buckets)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi("GET", "/buckets", Rule.Look, BucketOperations.List, http => ListAsync(http, null));
        routes.MapApi(
            "GET",
            "/buckets/{bucket}",
            Rule.Look,
            BucketOperations.Show,
            http => ListAsync(http, Addressed.Part(http, "bucket"))
        );
        routes.MapApi("GET", "/buckets/{bucket}/{platform}", Rule.Look, BucketOperations.Contents, ShowAsync);
        routes.MapApi(
            "GET",
            "/buckets/{bucket}/{platform}/difference",
            Rule.Look,
            BucketOperations.Compare,
            CompareAsync
        );
    }

    private async Task<IResult> ListAsync(HttpContext http, string? name)
    {
        FarmBucketJson[] found =
        [
            .. from bucket in await buckets.OverviewAsync(http, name)
            select new FarmBucketJson(
                bucket.Bucket.Name,
                [.. bucket.Bucket.Uses],
                [.. bucket.Repositories.Select(r => RepositoryJson.Of(r.Platform, r.State))]
            ),
        ];
        return name is null ? Answers.Json(found, ApiJson.Default.FarmBucketJsonArray)
            : found is [var one] ? Answers.Json(one, ApiJson.Default.FarmBucketJson)
            : BucketReader.NoBucket(name);
    }

    private async Task<IResult> ShowAsync(HttpContext http)
    {
        var limit = PageSize.Read(http, out var bad);
        if (bad is not null)
            return bad;
        var (found, problem) = await buckets.FindAsync(http);
        if (found is null)
            return problem!;
        var (search, after) = (Value(http, "q"), Value(http, "after"));
        var snapshot = BucketReader.Number(http, "snapshot");
        if (await buckets.ReadAsync(found, search, after, snapshot, limit, http.RequestAborted) is not { } page)
            return Answers.NotFound($"snapshot {snapshot} is not kept (any more)");
        var snapshots = await buckets.SnapshotsAsync(found, http.RequestAborted);
        var next = page.More
            ? $"/api/v1{BucketPages.Next(found, search, snapshot, page)}&limit={limit.ToString(CultureInfo.InvariantCulture)}"
            : null;
        Answers.NextPage(http, next);
        return Answers.Json(
            new(
                found.Bucket,
                RepositoryJson.Of(found.Platform, found.State),
                page.Snapshot,
                [.. page.Files.Select(file => BucketFileJson.Of(file.File, file.Origin))],
                [.. snapshots.Select(made => SnapshotJson.Of(made.Snapshot, made.Publisher))],
                next
            ),
            ApiJson.Default.BucketContentsJson
        );
    }

    private async Task<IResult> CompareAsync(HttpContext http)
    {
        var (found, problem) = await buckets.FindAsync(http);
        if (found is null)
            return problem!;
        (var from, var to, var difference, problem) = buckets.Compare(http, found);
        return difference is null
            ? problem!
            : Answers.Json(DifferenceJson.Of(from, to, difference), ApiJson.Default.DifferenceJson);
    }

    private static string? Value(HttpContext http, string name) =>
        http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;
}
