using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>Buckets: all, one, one for a platform, and what two of its snapshots differ in.</summary>
internal sealed class BucketPages(BucketReader buckets)
{
    private const int FilesOnPage = 100;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/buckets", (RequestDelegate)ListAsync).For(Rule.Look);
        routes.MapGet("/buckets/{bucket}", (RequestDelegate)ShowAsync).For(Rule.Look);
        routes.MapGet("/buckets/{bucket}/{platform}", (RequestDelegate)ShowRepositoryAsync).For(Rule.Look);
        routes.MapGet("/buckets/{bucket}/{platform}/difference", (RequestDelegate)CompareAsync).For(Rule.Look);
    }

    private async Task ListAsync(HttpContext http) =>
        await PageAnswers.WriteAsync(
            http,
            BucketsPage.Create(new(new(http, "Buckets"), await buckets.OverviewAsync(http), Single: false))
        );

    private async Task ShowAsync(HttpContext http)
    {
        var name = Addressed.Part(http, "bucket");
        var found = await buckets.OverviewAsync(http, name);
        await (
            found.Count == 0
                ? PageAnswers.SendAsync(http, BucketReader.NoBucket(name))
                : PageAnswers.WriteAsync(http, BucketsPage.Create(new(new(http, name), found, Single: true)))
        );
    }

    private async Task ShowRepositoryAsync(HttpContext http)
    {
        var (found, problem) = await buckets.FindAsync(http);
        if (found is null)
        {
            await PageAnswers.SendAsync(http, problem!);
            return;
        }
        var (search, after) = (Value(http, "q"), Value(http, "after"));
        var snapshot = BucketReader.Number(http, "snapshot");
        var page = await buckets.ReadAsync(found, search, after, snapshot, FilesOnPage, http.RequestAborted);
        if (page is null)
        {
            await PageAnswers.SendAsync(http, Answers.NotFound($"snapshot {snapshot} is not kept (any more)"));
            return;
        }
        var view = new RepositoryView(
            new(http, $"{found.Bucket} on {found.Platform.Key}"),
            found,
            search,
            page,
            await buckets.SnapshotsAsync(found, http.RequestAborted),
            page.More ? Next(found, search, snapshot, page) : null
        );
        await PageAnswers.WriteAsync(http, RepositoryPageSlice.Create(view));
    }

    private async Task CompareAsync(HttpContext http)
    {
        var (found, problem) = await buckets.FindAsync(http);
        if (found is not null)
        {
            (var from, var to, var difference, problem) = buckets.Compare(http, found);
            if (difference is not null)
            {
                var frame = new PageFrame(http, $"{found.Bucket} on {found.Platform.Key}: snapshots {from} and {to}");
                await PageAnswers.WriteAsync(http, DifferencePage.Create(new(frame, found, from, to, difference)));
                return;
            }
        }
        await PageAnswers.SendAsync(http, problem!);
    }

    /// <summary>The address of what follows a page.</summary>
    public static string Next(FoundRepository found, string? search, int? snapshot, RepositoryPage page)
    {
        var parts = new List<string>();
        if (search is not null)
            parts.Add($"q={Uri.EscapeDataString(search)}");
        if (snapshot is { } number)
            parts.Add($"snapshot={number.ToString(CultureInfo.InvariantCulture)}");
        parts.Add($"after={Uri.EscapeDataString(page.Files[^1].File.Name)}");
        return $"{found.Address}?{string.Join('&', parts)}";
    }

    private static string? Value(HttpContext http, string name) =>
        http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;
}
