using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PkgForge.EndToEnd.Web;

/// <summary>Compares values with the schemas of an OpenAPI document: as far as the document goes, and a property that it does not name is wrong.</summary>
internal sealed class ApiSchemaCheck(JsonNode document)
{
    private static readonly string[] Understood =
    [
        "$ref",
        "type",
        "format",
        "enum",
        "items",
        "properties",
        "required",
        "minimum",
        "maximum",
        "description",
        "default",
    ];

    /// <summary>What a value is that its schema does not say, a line each.</summary>
    public IReadOnlyList<string> Check(JsonNode? value, JsonNode schema)
    {
        var wrong = new List<string>();
        Check("$", value, schema, wrong);
        return wrong;
    }

    /// <summary>What a reference means.</summary>
    public JsonNode Resolve(JsonNode node) =>
        (string?)node["$ref"] is { } place ? place.Split('/')[1..].Aggregate(document, (at, part) => at[part]!) : node;

    private void Check(string place, JsonNode? value, JsonNode given, List<string> wrong)
    {
        var schema = Resolve(given).AsObject();
        foreach (var word in schema.Select(pair => pair.Key).Except(Understood))
            throw new NotSupportedException(
                $"the document says '{word}' of {place}: teach ApiSchemaCheck what that means"
            );
        if (!IsOf(value, (string?)schema["type"], (string?)schema["format"]))
        {
            wrong.Add(
                $"{place} is {value?.ToJsonString() ?? "null"}, and should be {schema["type"]} {schema["format"]}"
            );
            return;
        }
        if (schema["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, value)))
            wrong.Add($"{place} is {value!.ToJsonString()}, and should be one of {words.ToJsonString()}");
        if (value is JsonArray array && schema["items"] is { } items)
            for (var i = 0; i < array.Count; i++)
                Check($"{place}[{i}]", array[i], items, wrong);
        if (value is JsonObject fields && schema["properties"] is JsonObject properties)
            CheckFields(place, fields, schema, properties, wrong);
    }

    private void CheckFields(
        string place,
        JsonObject fields,
        JsonObject schema,
        JsonObject properties,
        List<string> wrong
    )
    {
        foreach (var name in (schema["required"]?.AsArray() ?? []).Select(word => (string)word!))
            if (!fields.ContainsKey(name))
                wrong.Add($"{place}.{name} is not there");
        foreach (var (name, value) in fields)
            if (properties[name] is { } property)
                Check($"{place}.{name}", value, property, wrong);
            else
                wrong.Add($"{place}.{name} is not in the document");
    }

    private static bool IsOf(JsonNode? value, string? type, string? format) =>
        type switch
        {
            "object" => value is JsonObject,
            "array" => value is JsonArray,
            "string" => value?.GetValueKind() == JsonValueKind.String && IsWritten((string)value!, format),
            "integer" => value?.GetValueKind() == JsonValueKind.Number && value.AsValue().TryGetValue<long>(out _),
            "number" => value?.GetValueKind() == JsonValueKind.Number,
            "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            _ => throw new NotSupportedException(
                $"the document has the type '{type}': teach ApiSchemaCheck what that is"
            ),
        };

    private static bool IsWritten(string text, string? format) =>
        format switch
        {
            "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) && text.Contains('T'),
            "uuid" => Guid.TryParse(text, out _),
            _ => true,
        };
}
