using PkgForge.Yaml;

namespace PkgForge.Server.Configuration;

/// <summary>The keys of a section, each with the value that stands where the key is not there.</summary>
internal sealed class SettingFields
{
    private const int Most = 1000;

    private readonly YamlFields fields;

    public SettingFields(YamlItem item, IReadOnlyList<string> known, string prefix = "")
    {
        // A section without keys ("main:") says nothing, and is read as an empty one.
        fields = new(
            item is YamlText { Plain: true, Value: "" }
                ? new YamlMap(new Dictionary<string, YamlItem>(), item.Line)
                : item,
            prefix
        );
        fields.CheckKeys(known, []);
    }

    public bool Has(string key) => fields.Has(key);

    public string Path(string key, string otherwise) =>
        Text(key, otherwise, text => text.StartsWith('/') ? null : "a path that begins with /")!;

    public string Text(string key, string otherwise) => Text(key, otherwise, _ => null)!;

    public string Text(string key, string? otherwise, Func<string, string?> rule) =>
        fields.Has(key) ? fields.Text(key, rule) : otherwise!;

    public IReadOnlyList<string> Texts(string key, IReadOnlyList<string> otherwise, Func<string, string?> rule) =>
        fields.Has(key) ? fields.Texts(key, Most, rule) : otherwise;

    public bool Flag(string key, bool otherwise) => fields.Has(key) ? fields.Flag(key) : otherwise;

    public int Number(string key, int otherwise, int most)
    {
        if (!fields.Has(key))
            return otherwise;
        var number = fields.Number(key);
        return number >= 1 && number <= most ? (int)number : throw Refuse(key, $"1 to {most}");
    }

    public TimeSpan Time(string key, TimeSpan otherwise)
    {
        var time = otherwise;
        if (fields.Has(key))
            fields.Text(
                key,
                text =>
                    (time = Quantities.Time(text) ?? default) > default(TimeSpan)
                        ? null
                        : "a time, e.g. 30s, 5m, 4h or 1d"
            );
        return time;
    }

    public long Size(string key, long otherwise)
    {
        var size = otherwise;
        if (fields.Has(key))
            fields.Text(key, text => (size = Quantities.Size(text) ?? -1) >= 0 ? null : "a size, e.g. 512M or 6G");
        return size;
    }

    /// <summary>A word of an enumeration; without <paramref name="otherwise"/> the key must be there.</summary>
    public T Choice<T>(string key, T? otherwise = null)
        where T : struct, Enum
    {
        if (!fields.Has(key) && otherwise is { } value)
            return value;
        T chosen = default;
        var words = string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant();
        fields.Text(
            key,
            text =>
                Enum.TryParse(text, ignoreCase: true, out chosen) && !char.IsAsciiDigit(text[0])
                    ? null
                    : $"one of {words}"
        );
        return chosen;
    }

    /// <summary>A mapping from names to sections.</summary>
    public IReadOnlyDictionary<TKey, TValue> Map<TKey, TValue>(
        string key,
        IReadOnlyDictionary<TKey, TValue> otherwise,
        Func<string, YamlItem, (TKey, TValue)> read
    )
        where TKey : notnull
    {
        if (!fields.Has(key))
            return otherwise;
        var items = fields.Get(key) as YamlMap ?? throw Refuse(key, "names, each with its own section");
        var result = new Dictionary<TKey, TValue>();
        foreach (var (name, item) in items.Items)
        {
            var (entry, value) = read(name, item);
            if (!result.TryAdd(entry, value))
                throw new YamlFormatException(item.Line, $"{key}: '{name}' is there twice");
        }
        return result;
    }

    public T Section<T>(string key, T otherwise, Func<YamlItem, T, T> read) =>
        fields.Has(key) ? read(fields.Get(key), otherwise) : otherwise;

    public YamlFormatException Refuse(string key, string expected) =>
        fields.Has(key)
            ? fields.Refuse(key, fields.Get(key), expected)
            : new(fields.LineOf(key), $"{key}: expected {expected}");
}
