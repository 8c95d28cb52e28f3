using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AwesomeAssertions;

namespace PkgForge.EndToEnd.Web;

/// <summary>An operation of an OpenAPI document.</summary>
internal sealed record ApiCall(string Id, string Method, string Path, JsonNode Node)
{
    public bool IsOpen => Node["security"]!.AsArray().Any(way => way!.AsObject().Count == 0);

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>What an operation was answered with.</summary>
internal sealed record ApiReply(int Status, JsonNode? Json, HttpResponseMessage Message);

/// <summary>
/// A client that knows nothing of a server but its OpenAPI document: it makes requests of what the document says, and every answer, also a refusal, must be one that the document names, with
/// its type, its headers and its schema.
/// </summary>
internal sealed class ApiClient(HttpClient http, Uri server, JsonNode document)
{
    private readonly ApiSchemaCheck schemas = new(document);

    /// <summary>Ids of operations that were done once at least.</summary>
    public HashSet<string> Done { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<ApiCall> Calls { get; } =
    [
        .. from path in document["paths"]!.AsObject()
        from method in path.Value!.AsObject()
        select new ApiCall(
            (string)method.Value!["operationId"]!,
            method.Key.ToUpperInvariant(),
            path.Key,
            method.Value
        ),
    ];

    public ApiCall this[string id] => Calls.Single(call => call.Id == id);

    /// <summary>Parameters of an operation.</summary>
    public IEnumerable<JsonNode> Parameters(ApiCall call) =>
        (call.Node["parameters"]?.AsArray() ?? []).Select(parameter => schemas.Resolve(parameter!));

    /// <summary>A body that has what the document asks for, and what there are values for; null where there is none.</summary>
    public JsonNode? Body(ApiCall call, IReadOnlyDictionary<string, JsonNode> values) =>
        call.Node["requestBody"]?["content"]!["application/json"] is { } content
            ? Make("", content["schema"]!, values)
            : null;

    /// <summary>Sends a request, and checks the answer.</summary>
    /// <param name="call">The operation.</param>
    /// <param name="token">Who asks.</param>
    /// <param name="values">Parameters by their names; all of the path, and those that are required, must be there.</param>
    /// <param name="content">The body.</param>
    public async Task<ApiReply> SendAsync(
        ApiCall call,
        string? token,
        IReadOnlyDictionary<string, string> values,
        HttpContent? content = null
    )
    {
        using var request = new HttpRequestMessage(new(call.Method), AddressOf(call, values)) { Content = content };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var parameter in Parameters(call).Where(p => (string?)p["in"] == "header"))
            if (values.TryGetValue((string)parameter["name"]!, out var value))
                request.Headers.TryAddWithoutValidation((string)parameter["name"]!, value);
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return await CheckAsync(call, request, answer);
    }

    public static StringContent Json(JsonNode node) => Json(node.ToJsonString());

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private Uri AddressOf(ApiCall call, IReadOnlyDictionary<string, string> values)
    {
        var (path, query) = (call.Path, new List<string>());
        foreach (var parameter in Parameters(call))
        {
            var (name, place) = ((string)parameter["name"]!, (string)parameter["in"]!);
            if (!values.TryGetValue(name, out var value))
                value =
                    (bool)parameter["required"]! && place != "header"
                        ? throw new InvalidOperationException(
                            $"{call} wants '{name}': give ApiClientTests a value for it"
                        )
                        : null;
            if (place == "path")
                path = path.Replace($"{{{name}}}", Uri.EscapeDataString(value!), StringComparison.Ordinal);
            else if (place == "query" && value is not null)
                query.Add($"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}");
        }
        return new(
            server,
            $"{document["servers"]![0]!["url"]}{path}{(query.Count > 0 ? "?" : "")}{string.Join('&', query)}"
        );
    }

    private async Task<ApiReply> CheckAsync(ApiCall call, HttpRequestMessage request, HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        var what = $"{request.Method} {request.RequestUri!.PathAndQuery}: {status}";
        var named = call.Node["responses"]![$"{status}"];
        if (named is null)
            throw new InvalidOperationException(
                $"{what} is not in the document: {await answer.Content.ReadAsStringAsync()}"
            );
        var described = schemas.Resolve(named);
        foreach (var (name, _) in described["headers"]?.AsObject() ?? [])
            if (name != "Link" && !(name == "ETag" && request.RequestUri.Query.Contains("follow")))
                (answer.Headers.NonValidated.Contains(name) || answer.Content.Headers.NonValidated.Contains(name))
                    .Should()
                    .BeTrue("of {0} the document says the header {1}", what, name);
        if (status < 300)
            Done.Add(call.Id);
        if (request.Method == HttpMethod.Head)
            return new(status, null, answer);
        return new(status, await CheckBodyAsync(what, described["content"]?.AsObject(), answer), answer);
    }

    private async Task<JsonNode?> CheckBodyAsync(string what, JsonObject? contents, HttpResponseMessage answer)
    {
        if (answer.Content.Headers.ContentType is not { } type)
        {
            (await answer.Content.ReadAsByteArrayAsync()).Should().BeEmpty("{0} has no type", what);
            contents.Should().BeNull("{0} has no body, of which the document says a type", what);
            return null;
        }
        contents.Should().NotBeNull("{0} has a body, of which the document says nothing", what);
        var content = contents!.SingleOrDefault(pair =>
            MediaTypeHeaderValue.Parse(pair.Key).MediaType == type.MediaType
        );
        content.Value.Should().NotBeNull("{0} is of type {1}", what, type);
        if (type.MediaType == "text/event-stream")
            return null;
        var text = await answer.Content.ReadAsStringAsync();
        if (!type.MediaType!.EndsWith("json", StringComparison.Ordinal))
            return null;
        var json = JsonNode.Parse(text);
        schemas.Check(json, content.Value!["schema"]!).Should().BeEmpty("of {0}, which was {1}", what, text);
        return json;
    }

    private JsonNode Make(string name, JsonNode given, IReadOnlyDictionary<string, JsonNode> values)
    {
        if (values.TryGetValue(name, out var value))
            return value.DeepClone();
        var schema = schemas.Resolve(given);
        if (schema["enum"] is JsonArray words)
            return words[0]!.DeepClone();
        switch ((string?)schema["type"])
        {
            case "object":
                var required = (schema["required"]?.AsArray() ?? []).Select(word => (string)word!).ToHashSet();
                var made = new JsonObject();
                foreach (var (property, inner) in schema["properties"]!.AsObject())
                    if (required.Contains(property) || values.ContainsKey(property))
                        made[property] = Make(property, inner!, values);
                return made;
            case "array":
                return new JsonArray();
            case "integer" or "number":
                return JsonValue.Create((long?)schema["minimum"] ?? 1);
            case "boolean":
                return JsonValue.Create(false);
            default:
                return JsonValue.Create("x");
        }
    }
}
