using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry.Views;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Api;

/// <summary>Source packages and statistics over the API: <c>/api/v1/packages</c>, <c>/api/v1/statistics</c>.</summary>
internal sealed class PackageApi(ServedFarm farm, KeptStatistics statistics)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi("GET", "/packages", Rule.Look, BucketOperations.Packages, ListAsync);
        routes.MapApi("GET", "/packages/{package}", Rule.Look, BucketOperations.Package, ShowAsync);
        routes.MapApi("GET", "/statistics", Rule.Look, BucketOperations.Statistics, StatisticsAsync);
    }

    private async Task<IResult> ListAsync(HttpContext http)
    {
        var limit = PageSize.Read(http, out var problem);
        if (problem is not null)
            return problem;
        var query = PackageQueries.Read(http, limit);
        var packages = await farm.Registry.ListPackagesAsync(query, http.RequestAborted);
        var next = Address(PackageQueries.Next(query, packages), limit);
        Answers.NextPage(http, next);
        return Answers.Json(new([.. packages.Select(PackageSummaryJson.Of)], next), ApiJson.Default.PackagesAnswer);
    }

    private async Task<IResult> ShowAsync(HttpContext http)
    {
        var limit = PageSize.Read(http, out var bad);
        if (bad is not null)
            return bad;
        var (package, problem) = await PackageQueries.FindAsync(http, farm.Registry, limit);
        if (package is null)
            return problem!;
        var next = Address(PackageQueries.Older(package, limit), limit);
        Answers.NextPage(http, next);
        return Answers.Json(PackageHistoryJson.Of(package, next), ApiJson.Default.PackageHistoryJson);
    }

    private async Task<IResult> StatisticsAsync(HttpContext http)
    {
        if (StatisticsPages.Window(http, out var problem) is not { } window)
            return problem!;
        return Answers.Json(
            StatisticsJson.Of(
                await statistics.ReadAsync(window, http.RequestAborted),
                await farm.Registry.CountWaitingAsync(http.RequestAborted)
            ),
            ApiJson.Default.StatisticsJson
        );
    }

    private static string? Address(string? page, int limit) =>
        page is null ? null : $"/api/v1{page}&limit={limit.ToString(CultureInfo.InvariantCulture)}";
}
