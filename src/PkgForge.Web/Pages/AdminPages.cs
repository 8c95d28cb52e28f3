using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;

namespace PkgForge.Web.Pages;

/// <summary>What only admins see: <c>/admin</c>.</summary>
internal sealed class AdminPages(ServedFarm farm)
{
    private const int EntriesOnPage = 50;

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/admin", (RequestDelegate)ShowAsync).For(Rule.Admin);

    private async Task ShowAsync(HttpContext http)
    {
        long? before = long.TryParse(
            http.Request.Query["before"].ToString(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;
        var audit = await farm.Registry.ListAuditAsync(before, EntriesOnPage, http.RequestAborted);
        var view = new AdminView(
            new(http, "Admin"),
            await farm.Registry.ListAccountsAsync(http.RequestAborted),
            audit,
            await farm.Registry.ListCapsAsync(http.RequestAborted),
            audit.Count == EntriesOnPage ? $"/admin?before={audit[^1].Number}#audit" : null
        );
        await PageAnswers.WriteAsync(http, AdminPage.Create(view));
    }
}
