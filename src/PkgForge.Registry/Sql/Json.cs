using System.Text.Json;
using System.Text.Json.Serialization;

namespace PkgForge.Registry.Sql;

/// <summary>Lists that are only ever read whole are stored as JSON text.</summary>
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class Json : JsonSerializerContext
{
    public static string Write(IReadOnlyList<string> list) =>
        JsonSerializer.Serialize(list, Default.IReadOnlyListString);

    public static string Write(IReadOnlyDictionary<string, string> map) =>
        JsonSerializer.Serialize(map, Default.IReadOnlyDictionaryStringString);

    public static IReadOnlyList<string> List(string text) =>
        JsonSerializer.Deserialize(text, Default.IReadOnlyListString) ?? [];

    public static IReadOnlyDictionary<string, string> Map(string text) =>
        JsonSerializer.Deserialize(text, Default.IReadOnlyDictionaryStringString) ?? new Dictionary<string, string>();
}
