using System.Text.Json.Nodes;

namespace PkgForge.Web.Api;

/// <summary>The API's document, as a page shows it.</summary>
/// <param name="Groups">Operations, by what they are about.</param>
/// <param name="Types">What is sent, by name.</param>
public sealed record ApiReference(IReadOnlyList<ReferenceGroup> Groups, IReadOnlyList<ReferenceType> Types)
{
    private const string Prefix = "#/components/";

    /// <summary>Of the document that is in the executable.</summary>
    public static ApiReference Current { get; } = Read(JsonNode.Parse(ApiText.Document)!.AsObject());

    /// <summary>Reads a document. What <c>ApiDocumentationTests</c> makes is all that there is in it.</summary>
    private static ApiReference Read(JsonObject document)
    {
        var operations =
            from path in document["paths"]!.AsObject()
            from method in path.Value!.AsObject()
            select (
                Group: (string)method.Value!["tags"]![0]!,
                Operation: Operation(document, method.Key.ToUpperInvariant(), path.Key, method.Value)
            );
        return new(
            [
                .. from operation in operations
                group operation.Operation by operation.Group into g
                select new ReferenceGroup(g.Key, [.. g]),
            ],
            [.. document["components"]!["schemas"]!.AsObject().Select(schema => Type(schema.Key, schema.Value!))]
        );
    }

    private static ReferenceOperation Operation(JsonObject document, string method, string path, JsonNode operation) =>
        new(
            (string)operation["operationId"]!,
            method,
            path,
            Text(operation["summary"]),
            Text(operation["description"]),
            operation["security"]!.AsArray().Any(way => way!.AsObject().Count == 0),
            [
                .. (operation["parameters"]?.AsArray() ?? [])
                    .Select(parameter => Resolve(document, parameter!))
                    .Select(parameter => new ReferenceField(
                        (string)parameter["name"]!,
                        $"{KindOf(parameter["schema"]!).Text}, in the {parameter["in"]}",
                        null,
                        (bool)parameter["required"]!,
                        Text(parameter["description"])
                    )),
            ],
            operation["requestBody"] is { } body ? ContentOf(body) : null,
            [
                .. operation["responses"]!
                    .AsObject()
                    .Select(answer => Answer(answer.Key, Resolve(document, answer.Value!))),
            ]
        );

    private static ReferenceAnswer Answer(string status, JsonNode answer) =>
        new(status, Text(answer["description"]), status[0] is '2' ? ContentOf(answer) : null);

    private static ReferenceType Type(string name, JsonNode schema)
    {
        var required = schema["required"]?.AsArray().Select(word => (string)word!).ToHashSet(StringComparer.Ordinal);
        return new(
            name,
            Text(schema["description"]),
            [
                .. schema["properties"]!
                    .AsObject()
                    .Select(property => new ReferenceField(
                        property.Key,
                        KindOf(property.Value!).Text,
                        KindOf(property.Value!).Type,
                        required?.Contains(property.Key) == true,
                        Text(property.Value!["description"])
                    )),
            ]
        );
    }

    private static ReferenceKind? ContentOf(JsonNode message)
    {
        if (message["content"]?.AsObject().FirstOrDefault() is not { Key: { } media, Value: { } content })
            return null;
        var kind = KindOf(content["schema"]!);
        return media == ApiBody.Json ? kind : new(media, null);
    }

    /// <summary>A schema in a few words.</summary>
    private static ReferenceKind KindOf(JsonNode schema)
    {
        if ((string?)schema["$ref"] is { } type)
            return new(type.Split('/')[^1], type.Split('/')[^1]);
        if (schema["items"] is { } items)
            return new($"list of {KindOf(items).Text}", KindOf(items).Type);
        if (schema["enum"] is JsonArray words)
            return new(string.Join(" | ", words.Select(word => (string)word!)), null);
        return new((string?)schema["format"] ?? (string?)schema["type"] ?? "anything", null);
    }

    private static JsonNode Resolve(JsonObject document, JsonNode node) =>
        (string?)node["$ref"] is { } place
            ? place[Prefix.Length..].Split('/').Aggregate(document["components"]!, (at, part) => at[part]!)
            : node;

    private static string Text(JsonNode? node) => (string?)node ?? "";
}

/// <summary>Operations that are about one thing.</summary>
public sealed record ReferenceGroup(string Name, IReadOnlyList<ReferenceOperation> Operations);

/// <summary>What is sent: a list of it, or it itself.</summary>
/// <param name="Text">In words.</param>
/// <param name="Type">The type that tells more; null when there is none.</param>
public sealed record ReferenceKind(string Text, string? Type);

/// <summary>A parameter, or a property.</summary>
public sealed record ReferenceField(string Name, string Kind, string? Type, bool Required, string What);

/// <summary>What an operation is answered with.</summary>
public sealed record ReferenceAnswer(string Status, string What, ReferenceKind? Body);

/// <summary>One operation.</summary>
/// <param name="Id">Its name for programs.</param>
/// <param name="Method">The method.</param>
/// <param name="Path">The path after the prefix.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Description">What else there is to know.</param>
/// <param name="Open">It needs no token.</param>
/// <param name="Parameters">What it takes beside a body.</param>
/// <param name="Body">Its body; null without.</param>
/// <param name="Answers">What it is answered with.</param>
public sealed record ReferenceOperation(
    string Id,
    string Method,
    string Path,
    string Summary,
    string Description,
    bool Open,
    IReadOnlyList<ReferenceField> Parameters,
    ReferenceKind? Body,
    IReadOnlyList<ReferenceAnswer> Answers
);

/// <summary>A type of what is sent.</summary>
public sealed record ReferenceType(string Name, string Description, IReadOnlyList<ReferenceField> Properties);
