using System.Text.Json.Nodes;

namespace PkgForge.Tests.Web;

/// <summary>
/// What a newer document of an API takes away from those who know an older one: a line each. What is added passes: paths, methods, optional parameters, properties of answers, words.
/// </summary>
internal sealed class ApiChanges
{
    private readonly JsonNode before;
    private readonly JsonNode after;
    private readonly List<string> found = [];

    private ApiChanges(JsonNode before, JsonNode after) => (this.before, this.after) = (before, after);

    public static IReadOnlyList<string> Breaking(JsonNode before, JsonNode after)
    {
        var changes = new ApiChanges(before, after);
        changes.ComparePaths();
        return [.. changes.found.Distinct(StringComparer.Ordinal)];
    }

    private void ComparePaths()
    {
        foreach (var (path, methods) in Items(before["paths"]))
        {
            if (after["paths"]?[path] is not { } newer)
            {
                found.Add($"{path} is gone");
                continue;
            }
            foreach (var (method, operation) in Items(methods))
            {
                var name = $"{method.ToUpperInvariant()} {path}";
                if (newer[method] is { } now)
                    CompareOperations(name, operation, now);
                else
                    found.Add($"{name} is gone");
            }
        }
    }

    private void CompareOperations(string name, JsonNode old, JsonNode now)
    {
        if ((string?)old["operationId"] != (string?)now["operationId"])
            found.Add($"{name} was called {old["operationId"]}, and is now {now["operationId"]}");
        if (IsOpen(old) && !IsOpen(now))
            found.Add($"{name} needs a token now");
        CompareParameters(name, Parameters(before, old), Parameters(after, now));
        CompareBodies(name, old["requestBody"], now["requestBody"]);
        foreach (var (status, answer) in Items(old["responses"]))
            if (status[0] == '2')
                CompareAnswers($"{name}: answer {status}", answer, now["responses"]?[status]);
    }

    private static bool IsOpen(JsonNode operation) =>
        operation["security"]!.AsArray().Any(way => way!.AsObject().Count == 0);

    private void CompareParameters(string name, Dictionary<string, JsonNode> old, Dictionary<string, JsonNode> now)
    {
        foreach (var (key, parameter) in old)
        {
            if (!now.TryGetValue(key, out var newer))
            {
                found.Add($"{name}: parameter {key} is gone");
                continue;
            }
            if (IsRequired(newer) && !IsRequired(parameter))
                found.Add($"{name}: parameter {key} is required now");
            CompareSchemas($"{name}: parameter {key}", parameter["schema"]!, newer["schema"]!, asked: true);
        }
        foreach (var (key, parameter) in now)
            if (IsRequired(parameter) && !old.ContainsKey(key))
                found.Add($"{name}: parameter {key} is new, and required");
    }

    private void CompareBodies(string name, JsonNode? old, JsonNode? now)
    {
        if (now is not null && IsRequired(now) && (old is null || !IsRequired(old)))
            found.Add($"{name}: a body is required now");
        if (old is not null)
            CompareContents($"{name}: body", old["content"], now?["content"], asked: true);
    }

    private void CompareAnswers(string name, JsonNode old, JsonNode? now)
    {
        if (now is null)
        {
            found.Add($"{name} is gone");
            return;
        }
        foreach (var (header, _) in Items(old["headers"]))
            if (now["headers"]?[header] is null)
                found.Add($"{name}: header {header} is gone");
        CompareContents(name, old["content"], now["content"], asked: false);
    }

    private void CompareContents(string name, JsonNode? old, JsonNode? now, bool asked)
    {
        foreach (var (type, content) in Items(old))
            if (now?[type] is { } newer)
                CompareSchemas(name, content["schema"]!, newer["schema"]!, asked);
            else
                found.Add($"{name}: {type} is gone");
    }

    private void CompareSchemas(string name, JsonNode old, JsonNode now, bool asked)
    {
        (old, now) = (Resolve(before, old), Resolve(after, now));
        if ((string?)old["type"] != (string?)now["type"] || (string?)old["format"] != (string?)now["format"])
        {
            found.Add($"{name} was {Kind(old)}, and is now {Kind(now)}");
            return;
        }
        if (asked)
            CompareBounds(name, old, now);
        var (needed, stillNeeded) = (Required(old), Required(now));
        foreach (var (property, schema) in Items(old["properties"]))
            if (now["properties"]?[property] is not { } newer)
                found.Add($"{name}: property {property} is gone");
            else
            {
                if (!asked && needed.Contains(property) && !stillNeeded.Contains(property))
                    found.Add($"{name}: property {property} may be missing now");
                CompareSchemas($"{name}: property {property}", schema, newer, asked);
            }
        if (asked)
            foreach (var property in stillNeeded.Except(needed))
                found.Add($"{name}: property {property} is required now");
        if (old["items"] is { } items && now["items"] is { } newItems)
            CompareSchemas($"{name}: each", items, newItems, asked);
    }

    /// <summary>What was taken is still taken.</summary>
    private void CompareBounds(string name, JsonNode old, JsonNode now)
    {
        if (now["enum"] is JsonArray words)
        {
            var left = words.Select(word => (string)word!).ToHashSet(StringComparer.Ordinal);
            if (old["enum"] is not JsonArray known)
                found.Add($"{name} may only be some words now");
            else
                foreach (var word in known.Select(word => (string)word!).Where(word => !left.Contains(word)))
                    found.Add($"{name} may not be '{word}' now");
        }
        if (((long?)now["minimum"] ?? long.MinValue) > ((long?)old["minimum"] ?? long.MinValue))
            found.Add($"{name} must be {now["minimum"]} at least now");
        if (((long?)now["maximum"] ?? long.MaxValue) < ((long?)old["maximum"] ?? long.MaxValue))
            found.Add($"{name} may be {now["maximum"]} at most now");
    }

    private static string Kind(JsonNode schema) =>
        schema["format"] is { } format ? $"{schema["type"]} ({format})" : $"{schema["type"]}";

    private static bool IsRequired(JsonNode node) => (bool?)node["required"] == true;

    private static HashSet<string> Required(JsonNode schema) =>
        schema["required"] is JsonArray names ? [.. names.Select(name => (string)name!)] : [];

    private static Dictionary<string, JsonNode> Parameters(JsonNode document, JsonNode operation) =>
        (operation["parameters"]?.AsArray() ?? [])
            .Select(parameter => Resolve(document, parameter!))
            .ToDictionary(parameter => $"{parameter["name"]} ({parameter["in"]})", StringComparer.Ordinal);

    private static JsonNode Resolve(JsonNode document, JsonNode node) =>
        (string?)node["$ref"] is { } path ? path.Split('/')[1..].Aggregate(document, (at, part) => at[part]!) : node;

    private static IEnumerable<(string Name, JsonNode Node)> Items(JsonNode? node) =>
        node is JsonObject items ? items.Select(pair => (pair.Key, pair.Value!)) : [];
}
