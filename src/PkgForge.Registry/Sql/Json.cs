using System.Text.Json;
using System.Text.Json.Serialization;

namespace PkgForge.Registry.Sql;

/// <summary>Lists that are only ever read whole are stored as JSON text; rows that a statement takes many of at once are passed as such.</summary>
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(List<JobRow>))]
[JsonSerializable(typeof(List<TaskJson>))]
[JsonSerializable(typeof(List<LaneJson>))]
[JsonSerializable(typeof(List<AfterJson>))]
[JsonSerializable(typeof(List<SessionJson>))]
[JsonSerializable(typeof(List<PackageJson>))]
[JsonSerializable(typeof(List<PublishedJson>))]
[JsonSerializable(typeof(List<AttemptJson>))]
[JsonSerializable(typeof(List<SumsJson>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class Json : JsonSerializerContext
{
    public static string Write(IReadOnlyList<string> list) =>
        JsonSerializer.Serialize(list, Default.IReadOnlyListString);

    public static string Write(IReadOnlyDictionary<string, string> map) =>
        JsonSerializer.Serialize(map, Default.IReadOnlyDictionaryStringString);

    public static string Write(List<JobRow> rows) => JsonSerializer.Serialize(rows, Default.ListJobRow);

    public static string Write(List<TaskJson> rows) => JsonSerializer.Serialize(rows, Default.ListTaskJson);

    public static string Write(List<LaneJson> rows) => JsonSerializer.Serialize(rows, Default.ListLaneJson);

    public static string Write(List<AfterJson> rows) => JsonSerializer.Serialize(rows, Default.ListAfterJson);

    public static string Write(List<SessionJson> rows) => JsonSerializer.Serialize(rows, Default.ListSessionJson);

    public static string Write(List<PackageJson> rows) => JsonSerializer.Serialize(rows, Default.ListPackageJson);

    public static string Write(List<PublishedJson> rows) => JsonSerializer.Serialize(rows, Default.ListPublishedJson);

    public static string Write(List<AttemptJson> rows) => JsonSerializer.Serialize(rows, Default.ListAttemptJson);

    public static string Write(List<SumsJson> sums) => JsonSerializer.Serialize(sums, Default.ListSumsJson);

    public static IReadOnlyList<SumsJson> Sums(string text) =>
        JsonSerializer.Deserialize(text, Default.ListSumsJson) ?? [];

    public static IReadOnlyList<string> List(string text) =>
        JsonSerializer.Deserialize(text, Default.IReadOnlyListString) ?? [];

    public static IReadOnlyDictionary<string, string> Map(string text) =>
        JsonSerializer.Deserialize(text, Default.IReadOnlyDictionaryStringString) ?? new Dictionary<string, string>();
}
