using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Sources;
using PkgForge.Web.Api;

namespace PkgForge.Tests.Web;

/// <summary>
/// Schemas of what requests bring and answers have: each type of its own is a component by its name. Of answers every property is required that always is there; a property without a value is
/// not there.
/// </summary>
internal sealed class ApiSchemas
{
    /// <summary>What names of types end in that are written as JSON.</summary>
    private const string End = "Json";

    /// <summary>Texts that are one of some words.</summary>
    private static readonly Dictionary<string, string[]> Words = new(StringComparer.Ordinal)
    {
        ["Job.state"] = [.. Enum.GetValues<JobState>().Select(PkgForge.Registry.Words.Of)],
        ["Job.priority"] = [.. Enum.GetValues<Priority>().Select(priority => priority.Name())],
        ["Job.waits"] = [.. Enum.GetValues<WaitReason>().Select(PkgForge.Registry.Words.Of)],
        ["Task.state"] = [.. Enum.GetValues<BuildTaskState>().Select(PkgForge.Registry.Words.Of)],
        ["Waiting.reason"] = [.. Enum.GetValues<WaitReason>().Select(PkgForge.Registry.Words.Of)],
        ["Attempt.outcome"] = [.. Enum.GetValues<AttemptOutcome>().Select(PkgForge.Registry.Words.Of)],
        ["Attempt.cause"] = [.. Enum.GetValues<Cause>().Select(cause => cause.Name())],
        ["MeAnswer.role"] = [.. Enum.GetValues<AccountRole>().Select(PkgForge.Registry.Words.Of)],
        ["Account.role"] = [.. Enum.GetValues<AccountRole>().Select(PkgForge.Registry.Words.Of)],
        ["PackageSummary.state"] = [.. Enum.GetValues<JobState>().Select(PkgForge.Registry.Words.Of)],
        ["PackageBuild.state"] = [.. Enum.GetValues<JobState>().Select(PkgForge.Registry.Words.Of)],
        ["PackageTask.state"] = [.. Enum.GetValues<BuildTaskState>().Select(PkgForge.Registry.Words.Of)],
        ["Statistics.window"] = [.. Enum.GetValues<StatisticsWindow>().Select(PkgForge.Registry.Words.Of)],
        ["NewAccount.role"] = [.. Enum.GetValues<AccountRole>().Select(PkgForge.Registry.Words.Of)],
        ["AccountChange.role"] = [.. Enum.GetValues<AccountRole>().Select(PkgForge.Registry.Words.Of)],
        ["PriorityChange.priority"] = [.. Enum.GetValues<Priority>().Select(priority => priority.Name())],
        ["NewPlatform.format"] = [.. Enum.GetValues<PackageFormat>().Select(PkgForge.Registry.Words.Of)],
        ["Platform.format"] = [.. Enum.GetValues<PackageFormat>().Select(PkgForge.Registry.Words.Of)],
        ["Cap.kind"] = [.. Enum.GetValues<CapKind>().Select(PkgForge.Registry.Words.Of)],
        ["SubmitRequest.priority"] = [.. Enum.GetValues<Priority>().Select(priority => priority.Name())],
        ["SubmitRequest.on_error"] = [.. Enum.GetNames<OnError>().Select(name => name.ToLowerInvariant())],
        ["ResubmitRequest.priority"] = [.. Enum.GetValues<Priority>().Select(priority => priority.Name())],
        ["ResubmitRequest.on_error"] = [.. Enum.GetNames<OnError>().Select(name => name.ToLowerInvariant())],
        ["ResubmitRequest.order"] = [.. Enum.GetNames<BuildOrder>().Select(name => name.ToLowerInvariant())],
        ["SubmitRequest.order"] = [.. Enum.GetNames<BuildOrder>().Select(name => name.ToLowerInvariant())],
    };

    /// <summary>Properties that are one of some words, as <c>COMPONENT.PROPERTY</c>.</summary>
    public static IEnumerable<string> WordsOf => Words.Keys;

    private readonly SortedDictionary<string, (Type Type, bool Answer, JsonObject Schema)> components = new(
        StringComparer.Ordinal
    );
    private readonly TypeComments comments = new();

    /// <summary>All components, for the document.</summary>
    public JsonObject All() =>
        new(components.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value.Schema.DeepClone())));

    public static JsonObject Of(ApiValue value)
    {
        var schema = new JsonObject { ["type"] = value.Type };
        if (value.Format is { } format)
            schema["format"] = format;
        if (value.Least is { } least)
            schema["minimum"] = least;
        if (value.Most is { } most)
            schema["maximum"] = most;
        if (value.Usual is { } usual)
            schema["default"] = usual;
        if (value.Words.Count > 0)
            schema["enum"] = Array(value.Words);
        return schema;
    }

    /// <summary>The schema of a type, which refers to components.</summary>
    public JsonNode Of(JsonTypeInfo type, bool answer) =>
        type.GetJsonSchemaAsNode(
            new()
            {
                TreatNullObliviousAsNonNullable = true,
                TransformSchemaNode = (context, schema) => Change(context, schema, answer),
            }
        );

    private JsonNode Change(JsonSchemaExporterContext context, JsonNode node, bool answer)
    {
        if (node is not JsonObject schema)
            throw new InvalidOperationException($"{context.TypeInfo.Type} may be anything: give it a type of its own");
        WithoutNull(schema);
        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
            schema = Component(context.TypeInfo, schema, answer);
        if (context.PropertyInfo is not { } property)
            return schema;
        if (comments.Of(property) is { Length: > 0 } text)
            schema["description"] = text;
        if (Words.TryGetValue($"{NameOf(property.DeclaringType)}.{property.Name}", out var words))
            schema["enum"] = Array(words);
        return schema;
    }

    private JsonObject Component(JsonTypeInfo type, JsonObject schema, bool answer)
    {
        var name = NameOf(type.Type);
        if (components.TryGetValue(name, out var there))
        {
            if (there.Type != type.Type || there.Answer != answer)
                throw new InvalidOperationException(
                    $"'{name}' is two things in the API: name {type.Type} and {there.Type} apart, or what is asked and what is answered"
                );
        }
        else
        {
            var component = new JsonObject { ["type"] = "object" };
            if (comments.Of(type.Type) is { Length: > 0 } text)
                component["description"] = text;
            var required = type.Properties.Where(property => answer ? IsAlwaysThere(property) : property.IsRequired);
            if (required.Select(property => property.Name).ToList() is { Count: > 0 } names)
                component["required"] = Array(names);
            component["properties"] = schema["properties"]?.DeepClone() ?? new JsonObject();
            components[name] = (type.Type, answer, component);
        }
        return ApiCommon.Reference("schemas", name);
    }

    private static bool IsAlwaysThere(JsonPropertyInfo property) =>
        property.PropertyType.IsValueType
            ? Nullable.GetUnderlyingType(property.PropertyType) is null
            : !property.IsGetNullable;

    /// <summary>What is null is not written, and need not be.</summary>
    private static void WithoutNull(JsonObject schema)
    {
        if (schema["type"] is JsonArray types)
            schema["type"] = types.Select(type => (string)type!).Single(type => type != "null");
        if (schema.ContainsKey("default") && schema["default"] is null)
            schema.Remove("default");
    }

    private static string NameOf(MemberInfo type) =>
        type.Name.EndsWith(End, StringComparison.Ordinal) ? type.Name[..^End.Length] : type.Name;

    private static JsonArray Array(IEnumerable<string> words) =>
        new([.. words.Select(word => (JsonNode)JsonValue.Create(word))]);
}
