using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>What only admins see: <c>/admin</c> and the pages below it. What their forms ask for is done by <see cref="AdminForms"/>.</summary>
internal sealed class AdminPages(ServedFarm farm)
{
    private const int EntriesOnPage = 50;
    private const int EntriesInOverview = 15;

    public void Map(IEndpointRouteBuilder routes)
    {
        Get(routes, "/admin", ShowAsync);
        Get(routes, "/admin/platforms", PlatformsAsync);
        Get(routes, "/admin/builders", http => BuildersAsync(http, null));
        Get(routes, "/admin/accounts", http => AccountsAsync(http, null));
        Get(routes, "/admin/caps", CapsAsync);
        Get(routes, "/admin/audit", AuditAsync);
        new AdminForms(farm, this).Map(routes);
    }

    /// <summary>The page of builders.</summary>
    /// <param name="http">The request.</param>
    /// <param name="once">What it shows this once.</param>
    public async Task BuildersAsync(HttpContext http, ShownOnce? once) =>
        await PageAnswers.WriteAsync(
            http,
            AdminBuildersPage.Create(
                new(
                    Head(http, "Builders", "/admin/builders"),
                    await farm.Registry.ListBuildersAsync(http.RequestAborted),
                    await farm.Registry.ListPlatformsAsync(http.RequestAborted),
                    once
                )
            )
        );

    /// <summary>The page of accounts.</summary>
    /// <param name="http">The request.</param>
    /// <param name="once">What it shows this once.</param>
    public async Task AccountsAsync(HttpContext http, ShownOnce? once) =>
        await PageAnswers.WriteAsync(
            http,
            AdminAccountsPage.Create(
                new(
                    Head(http, "Accounts", "/admin/accounts"),
                    await farm.Registry.ListAccountsAsync(http.RequestAborted),
                    farm.Buckets,
                    once
                )
            )
        );

    private static void Get(IEndpointRouteBuilder routes, string path, Func<HttpContext, Task> show) =>
        routes.MapGet(path, (RequestDelegate)(http => show(http))).For(Rule.Admin);

    private async Task ShowAsync(HttpContext http)
    {
        var cancel = http.RequestAborted;
        var platforms = await farm.Registry.ListPlatformsAsync(cancel);
        var builders = await farm.Registry.ListBuildersAsync(cancel);
        var (running, held) = (
            builders.Count(builder => builder.Running),
            builders.Count(builder => builder.Draining || builder.Quarantine is not null)
        );
        (string, string, string)[] facts =
        [
            (
                "Platforms",
                $"{platforms.Count(platform => platform.Active)} of {platforms.Count} active",
                "/admin/platforms"
            ),
            (
                "Builders",
                $"{running} of {builders.Count} running{(held == 0 ? "" : $", {held} held up")}",
                "/admin/builders"
            ),
            ("Accounts", $"{(await farm.Registry.ListAccountsAsync(cancel)).Count}", "/admin/accounts"),
            ("Caps", $"{(await farm.Registry.ListCapsAsync(cancel)).Count}", "/admin/caps"),
        ];
        var audit = await farm.Registry.ListAuditAsync(null, EntriesInOverview, cancel);
        await PageAnswers.WriteAsync(http, AdminPage.Create(new(Head(http, "Admin", "/admin"), facts, audit)));
    }

    private async Task PlatformsAsync(HttpContext http) =>
        await PageAnswers.WriteAsync(
            http,
            AdminPlatformsPage.Create(
                new(
                    Head(http, "Platforms", "/admin/platforms"),
                    await farm.Registry.ListPlatformsAsync(http.RequestAborted)
                )
            )
        );

    private async Task CapsAsync(HttpContext http) =>
        await PageAnswers.WriteAsync(
            http,
            AdminCapsPage.Create(
                new(
                    Head(http, "Caps and priorities", "/admin/caps"),
                    await farm.Registry.ListCapsAsync(http.RequestAborted),
                    farm.Buckets
                )
            )
        );

    private async Task AuditAsync(HttpContext http)
    {
        if (AuditApi.Read(http, EntriesOnPage) is not { } query)
        {
            await PageAnswers.SendAsync(http, Answers.BadRequest("'before' is the number of an entry"));
            return;
        }
        var page = await farm.Registry.FindAuditAsync(query, http.RequestAborted);
        var older = page.Next is { } next ? $"/admin/audit{AuditQueries.Address(query with { Before = next })}" : null;
        await PageAnswers.WriteAsync(
            http,
            AdminAuditPage.Create(new(Head(http, "What was done", "/admin/audit"), query, page.Entries, older))
        );
    }

    private static AdminHead Head(HttpContext http, string title, string address) =>
        new(new(http, title), title, address, Notice.Read(http));
}
