using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PkgForge.Web.Access;
using PkgForge.Web.Api;

namespace PkgForge.Tests.Web;

/// <summary>Makes the OpenAPI 3.1 document of the API from its routes and what they say of themselves.</summary>
internal sealed class ApiDocument
{
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly ApiSchemas schemas = new();

    /// <summary>The whole document, as it is checked in.</summary>
    public static string Of(IEnumerable<ApiRoute> routes) => new ApiDocument().Make(routes);

    private string Make(IEnumerable<ApiRoute> routes)
    {
        var paths = new JsonObject();
        foreach (var path in routes.GroupBy(route => route.Path).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var methods = new JsonObject();
            foreach (var route in path.OrderBy(route => route.Method, StringComparer.Ordinal))
                methods[route.Method.ToLowerInvariant()] = Operation(route, route.Operation!);
            paths[path.Key] = methods;
        }
        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "PkgForge",
                ["summary"] = "The API of a package build farm.",
                ["description"] =
                    "Times are RFC 3339. A property that has no value is not there. There may be more properties, answers and words than this document knows: ignore what you do not know.",
                ["version"] = "1",
                ["license"] = new JsonObject { ["name"] = "Apache License 2.0", ["identifier"] = "Apache-2.0" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = ApiRoute.Prefix }),
            ["paths"] = paths,
            ["components"] = ApiCommon.Components(schemas),
        };
        return document.ToJsonString(Written) + "\n";
    }

    private JsonObject Operation(ApiRoute route, ApiOperation about)
    {
        var operation = new JsonObject { ["operationId"] = about.Id, ["summary"] = about.Summary };
        if (about.Description.Length > 0)
            operation["description"] = about.Description;
        operation["tags"] = new JsonArray(route.Path.Split('/')[1]);
        operation["security"] =
            route.Rule == Rule.Open ? new JsonArray(new JsonObject(), Bearer()) : new JsonArray(Bearer());
        if (Parameters(route, about) is { Count: > 0 } parameters)
            operation["parameters"] = parameters;
        if (about.Body is { } body)
            operation["requestBody"] = new JsonObject
            {
                ["required"] = body.Required,
                ["content"] = Content(body, answer: false),
            };
        operation["responses"] = Answers(route, about);
        return operation;
    }

    private static JsonObject Bearer() => new() { [ApiCommon.Scheme] = new JsonArray() };

    private static JsonArray Parameters(ApiRoute route, ApiOperation about)
    {
        var array = new JsonArray();
        foreach (
            var name in route.Path.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}'))
        )
            if (about.Parameters.All(parameter => parameter.Name != name))
                array.Add(
                    Parameter(
                        ApiPaths.Known.TryGetValue(name, out var known)
                            ? new("path", name, known.What, known.Value, true)
                            : throw new InvalidOperationException(
                                $"'{name}' of {route.Path} is described nowhere: add it to ApiPaths.Known, or .Path(...) to the ApiOperation"
                            )
                    )
                );
        foreach (var parameter in about.Parameters)
            array.Add(Parameter(parameter));
        if (HasTag(route, about))
            array.Add(ApiCommon.Reference("parameters", ApiCommon.IfNoneMatch));
        return array;
    }

    private static JsonObject Parameter(ApiParameter parameter) =>
        new()
        {
            ["name"] = parameter.Name,
            ["in"] = parameter.In,
            ["description"] = parameter.What,
            ["required"] = parameter.Required,
            ["schema"] = ApiSchemas.Of(parameter.Value),
        };

    private JsonObject Answers(ApiRoute route, ApiOperation about)
    {
        if (about.Answers.Count == 0)
            throw new InvalidOperationException(
                $"{about.Id} does not say what it answers: .Gives(...), .Sends(...) or .Done(...)"
            );
        var answers = new SortedDictionary<int, JsonNode>();
        foreach (var answer in about.Answers)
            if (answers.TryGetValue(answer.Status, out var known))
                known["content"]![answer.Body!.MediaType] = Schema(answer.Body, answer: true);
            else
                answers[answer.Status] = Answer(answer, HasTag(route, about) && answer.Status == 200);
        if (HasTag(route, about))
            answers[304] = ApiCommon.Reference("responses", ApiCommon.NotModified);
        foreach (var status in ApiCommon.ProblemsOf(route, about))
            answers[status] = ApiCommon.Problem(status, hasBody: route.Method != "HEAD");
        return new(answers.Select(pair => KeyValuePair.Create(pair.Key.ToString(), (JsonNode?)pair.Value)));
    }

    private JsonObject Answer(ApiAnswer answer, bool tagged)
    {
        var response = new JsonObject { ["description"] = answer.What };
        var headers = new JsonObject();
        foreach (var header in answer.Headers)
            headers[header.Name] = new JsonObject
            {
                ["description"] = header.What,
                ["schema"] = ApiSchemas.Of(header.Value),
            };
        if (tagged)
            headers["ETag"] = ApiCommon.Reference("headers", "ETag");
        if (headers.Count > 0)
            response["headers"] = headers;
        if (answer.Body is { } body)
            response["content"] = Content(body, answer: true);
        return response;
    }

    private JsonObject Content(ApiBody body, bool answer) => new() { [body.MediaType] = Schema(body, answer) };

    private JsonObject Schema(ApiBody body, bool answer) =>
        new()
        {
            ["schema"] =
                body.Type is { } type ? schemas.Of(type, answer)
                : body.MediaType == ApiBody.Json ? new JsonObject { ["type"] = "object" }
                : new JsonObject { ["type"] = "string" },
        };

    private static bool HasTag(ApiRoute route, ApiOperation about) =>
        about.HasTag || (route.Method == "GET" && about.Answers.Any(answer => answer.Body?.Type is not null));
}
