using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;

namespace PkgForge.Web.Pages;

/// <summary>Source packages: the list, and one of them over time and platforms.</summary>
internal sealed class PackagePages(ServedFarm farm)
{
    private const int PackagesOnPage = 50;
    private const int BuildsOnPage = 20;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/packages", (RequestDelegate)ListAsync).For(Rule.Look);
        routes.MapGet("/packages/{package}", (RequestDelegate)ShowAsync).For(Rule.Look);
    }

    private async Task ListAsync(HttpContext http)
    {
        var query = PackageQueries.Read(http, PackagesOnPage);
        var packages = await farm.Registry.ListPackagesAsync(query, http.RequestAborted);
        var view = new PackagesView(
            new(http, "Packages", query.After is null ? EventRoutes.All : null),
            packages,
            query.Search,
            PackageQueries.Next(query, packages)
        );
        await PageAnswers.WriteAsync(http, PackagesPage.Create(view));
    }

    private async Task ShowAsync(HttpContext http)
    {
        var (package, problem) = await PackageQueries.FindAsync(http, farm.Registry, BuildsOnPage);
        if (package is null)
        {
            await PageAnswers.SendAsync(http, problem!);
            return;
        }
        var view = new PackageView(
            new(http, package.Name, http.Request.Query.ContainsKey("after") ? null : EventRoutes.All),
            farm.Time.GetUtcNow(),
            package,
            PackageQueries.Older(package, BuildsOnPage)
        );
        await PageAnswers.WriteAsync(http, PackagePage.Create(view));
    }
}
