using Microsoft.AspNetCore.Builder;

namespace PkgForge.Web.Access;

/// <summary>The rule of a route, among what the framework knows of it.</summary>
/// <param name="Rule">Who may.</param>
/// <param name="ChecksForm">The route itself looks whether a form is this site's: it reads the body as it comes.</param>
internal sealed record RuleOf(Rule Rule, bool ChecksForm = false);

/// <summary>Gives routes their rules.</summary>
internal static class RouteRules
{
    public static T For<T>(this T route, Rule rule, bool checksForm = false)
        where T : IEndpointConventionBuilder
    {
        route.Add(endpoint => endpoint.Metadata.Add(new RuleOf(rule, checksForm)));
        return route;
    }
}
