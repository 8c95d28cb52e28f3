using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using PkgForge.Web.Access;

namespace PkgForge.Web.Api;

/// <summary>A route of the API for people.</summary>
/// <param name="Method">Its method, in capitals.</param>
/// <param name="Path">Its path after <see cref="Prefix"/>, as OpenAPI writes it: <c>/jobs/{job}</c>.</param>
/// <param name="Rule">Who may.</param>
/// <param name="Operation">What the document says of it; null when nobody has said.</param>
internal sealed record ApiRoute(string Method, string Path, Rule Rule, ApiOperation? Operation)
{
    /// <summary>Where the API is.</summary>
    public const string Prefix = "/api/v1";

    /// <summary>Those among all endpoints of a server, the builders' own left out.</summary>
    public static IReadOnlyList<ApiRoute> Of(IEnumerable<Endpoint> endpoints) =>
        [
            .. from endpoint in endpoints.OfType<RouteEndpoint>()
            let path = $"/{string.Join('/', endpoint.RoutePattern.PathSegments.Select(SegmentOf))}"
            let rule = endpoint.Metadata.GetMetadata<RuleOf>()?.Rule
            where path.StartsWith($"{Prefix}/", StringComparison.Ordinal) && rule is not (null or Rule.Builder)
            from method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
            select new ApiRoute(
                method,
                path[Prefix.Length..],
                rule.Value,
                endpoint.Metadata.GetMetadata<ApiOperation>()
            ),
        ];

    /// <summary>Without the rules for what a parameter may be: the document has them elsewhere.</summary>
    private static string SegmentOf(RoutePatternPathSegment segment) =>
        string.Concat(
            segment.Parts.Select(part =>
                part switch
                {
                    RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
                    RoutePatternLiteralPart literal => literal.Content,
                    _ => "",
                }
            )
        );
}
