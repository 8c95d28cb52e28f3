using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Web.Access;

namespace PkgForge.Web.Api;

/// <summary>Routes of the API: each has a rule, and a description for the document.</summary>
internal static class ApiRoutes
{
    /// <summary>Adds a route.</summary>
    public static void MapApi(
        this IEndpointRouteBuilder routes,
        string method,
        string path,
        Rule rule,
        ApiOperation about,
        Func<HttpContext, Task<IResult>> answer
    ) =>
        routes
            .MapMethods(path, [method], (RequestDelegate)(async http => await (await answer(http)).ExecuteAsync(http)))
            .For(rule)
            .Described(about);

    /// <summary>Gives a route its description.</summary>
    public static T Described<T>(this T route, ApiOperation operation)
        where T : IEndpointConventionBuilder
    {
        route.Add(endpoint => endpoint.Metadata.Add(operation));
        return route;
    }
}
