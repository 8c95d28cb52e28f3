using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Web.Access;
using PkgForge.Web.Api;

namespace PkgForge.Web.Pages;

/// <summary>The API, for those who are to call it: <c>/api</c> lists what there is, <c>/api?about=GROUP</c> tells of some of it. All on one page would be a large one.</summary>
internal static class ApiPages
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api", (RequestDelegate)ShowAsync).For(Rule.Look);

    private static Task ShowAsync(HttpContext http) =>
        PageAnswers.WriteAsync(
            http,
            ApiPage.Create(
                new(
                    new(http, "API"),
                    $"{http.Request.Scheme}://{http.Request.Host}{ApiRoute.Prefix}",
                    ApiReference.Current,
                    http.Request.Query["about"].ToString()
                )
            )
        );
}
