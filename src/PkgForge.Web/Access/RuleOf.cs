using Microsoft.AspNetCore.Builder;

namespace PkgForge.Web.Access;

/// <summary>The rule of a route, among what the framework knows of it.</summary>
internal sealed record RuleOf(Rule Rule);

/// <summary>Gives routes their rules.</summary>
internal static class RouteRules
{
    public static T For<T>(this T route, Rule rule)
        where T : IEndpointConventionBuilder
    {
        route.Add(endpoint => endpoint.Metadata.Add(new RuleOf(rule)));
        return route;
    }
}
