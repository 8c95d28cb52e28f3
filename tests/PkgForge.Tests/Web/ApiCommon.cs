using System.Text.Json.Nodes;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Access;
using PkgForge.Web.Api;

namespace PkgForge.Tests.Web;

/// <summary>What the operations of the API's document have in common.</summary>
internal static class ApiCommon
{
    /// <summary>The security scheme.</summary>
    public const string Scheme = "bearer";

    /// <summary>The parameter of conditional requests.</summary>
    public const string IfNoneMatch = "IfNoneMatch";

    /// <summary>What they are answered with.</summary>
    public const string NotModified = "NotModified";

    /// <summary>Statuses of problems, their names among the components, and what they mean.</summary>
    private static readonly Dictionary<int, (string Name, string What)> Problems = new()
    {
        [400] = ("BadRequest", "The request makes no sense as it is."),
        [401] = ("Unauthorized", "No token, or one that is unknown, revoked or expired."),
        [403] = ("Forbidden", "The account may not do this."),
        [404] = ("NotFound", "There is no such thing."),
        [409] = ("Conflict", "What is there is in the way."),
        [413] = ("TooLarge", "Too large, or too many."),
        [415] = ("WrongType", "The body is of another type than is taken here."),
        [416] = ("NoSuchRange", "There is no such part."),
        [422] = ("NotAccepted", "What the request brings is not accepted: `detail` has a line for each reason."),
        [429] = ("TooManyRequests", "Too many requests, or too many wrong tokens: wait as `Retry-After` says."),
        [500] = ("FarmFailed", "The farm failed."),
        [503] = ("Unavailable", "The registry or the disk cannot be reached now: ask again after `Retry-After`."),
    };

    /// <summary>All problems that a request of a route may be answered with.</summary>
    public static IEnumerable<int> ProblemsOf(ApiRoute route, ApiOperation about)
    {
        var statuses = new SortedSet<int>(about.Problems) { 429, 500, 503 };
        if (route.Rule != Rule.Open)
            statuses.Add(401);
        // A request with a browser's session that changes something comes from a form of the site.
        if (route.Rule is Rule.Change or Rule.Admin || route.Method is not ("GET" or "HEAD"))
            statuses.Add(403);
        if (route.Path.Contains('{'))
            statuses.UnionWith([400, 404]);
        if (about.Parameters.Any(parameter => parameter.In == "query"))
            statuses.Add(400);
        if (about.Body is not null)
            statuses.UnionWith([400, 413]);
        return statuses;
    }

    /// <summary>A problem as an operation's answer.</summary>
    public static JsonNode Problem(int status, bool hasBody) =>
        hasBody
            ? Reference("responses", Problems[status].Name)
            : new JsonObject { ["description"] = Problems[status].What };

    public static JsonObject Reference(string kind, string name) => new() { ["$ref"] = $"#/components/{kind}/{name}" };

    /// <summary>The components: call it when all schemas have been asked for.</summary>
    public static JsonObject Components(ApiSchemas schemas)
    {
        var problem = schemas.Of(WireJson.Default.Problem, answer: true);
        var responses = new JsonObject
        {
            [NotModified] = new JsonObject { ["description"] = "It is still what `If-None-Match` names." },
        };
        foreach (var (status, (name, what)) in Problems)
            responses[name] = ProblemAnswer(status, what, problem);
        return new()
        {
            ["schemas"] = schemas.All(),
            ["responses"] = responses,
            ["headers"] = new JsonObject
            {
                ["ETag"] = Described("Tells one content from another: send it as `If-None-Match`.", "string"),
                ["RetryAfter"] = Described("Seconds to wait.", "integer"),
            },
            ["parameters"] = new JsonObject
            {
                [IfNoneMatch] = new JsonObject
                {
                    ["name"] = "If-None-Match",
                    ["in"] = "header",
                    ["description"] = "The `ETag` of an earlier answer: 304 says that it still holds.",
                    ["required"] = false,
                    ["schema"] = new JsonObject { ["type"] = "string" },
                },
            },
            ["securitySchemes"] = new JsonObject
            {
                [Scheme] = new JsonObject
                {
                    ["type"] = "http",
                    ["scheme"] = "bearer",
                    ["description"] = "A token of an account: `pkgforge account token NAME`.",
                },
            },
        };
    }

    private static JsonObject ProblemAnswer(int status, string what, JsonNode schema)
    {
        var answer = new JsonObject { ["description"] = what };
        if (status is 429 or 503)
            answer["headers"] = new JsonObject { ["Retry-After"] = Reference("headers", "RetryAfter") };
        answer["content"] = new JsonObject
        {
            ["application/problem+json"] = new JsonObject { ["schema"] = schema.DeepClone() },
        };
        return answer;
    }

    private static JsonObject Described(string what, string type) =>
        new()
        {
            ["description"] = what,
            ["schema"] = new JsonObject { ["type"] = type },
        };
}
