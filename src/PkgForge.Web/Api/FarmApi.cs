using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>The farm over the API: who asks, builders, platforms, buckets, accounts, and the API's own document.</summary>
internal sealed class FarmApi(ServedFarm farm)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi("GET", "/me", Rule.Open, FarmOperations.Me, Me);
        routes.MapApi("GET", "/builders", Rule.Look, FarmOperations.Builders, BuildersAsync);
        routes.MapApi("GET", "/platforms", Rule.Look, FarmOperations.Platforms, PlatformsAsync);
        routes.MapApi("GET", "/accounts", Rule.Admin, FarmOperations.Accounts, AccountsAsync);
        routes.MapApi("GET", "/openapi.json", Rule.Open, FarmOperations.Document, ApiText.Send);
    }

    private static Task<IResult> Me(HttpContext http)
    {
        var holder = AccessGate.VisitorOf(http).Holder;
        return Task.FromResult(
            Answers.Json(
                new MeAnswer(
                    holder?.Account,
                    holder is null ? null : Words.Of(holder.Role),
                    holder is not { Writes: true },
                    [.. holder?.Buckets ?? []]
                ),
                ApiJson.Default.MeAnswer
            )
        );
    }

    private async Task<IResult> BuildersAsync(HttpContext http) =>
        Answers.Json(
            [.. (await farm.Registry.ListBuildersAsync(http.RequestAborted)).Select(BuilderJson.Of)],
            ApiJson.Default.BuilderJsonArray
        );

    private async Task<IResult> PlatformsAsync(HttpContext http) =>
        Answers.Json(
            [.. (await farm.Registry.ListPlatformsAsync(http.RequestAborted)).Select(PlatformJson.Of)],
            ApiJson.Default.PlatformJsonArray
        );

    private async Task<IResult> AccountsAsync(HttpContext http) =>
        Answers.Json(
            [.. (await farm.Registry.ListAccountsAsync(http.RequestAborted)).Select(AccountJson.Of)],
            ApiJson.Default.AccountJsonArray
        );
}
