using System.Globalization;

namespace PkgForge.Yaml;

/// <summary>The keys of a mapping, read by type. Every refusal names the key and its line.</summary>
public sealed class YamlFields
{
    private readonly YamlMap map;
    private readonly string prefix;

    /// <param name="item">What should be a mapping.</param>
    /// <param name="prefix">What it is part of, for messages: empty or e.g. <c>files: </c>.</param>
    public YamlFields(YamlItem item, string prefix = "")
    {
        map =
            item as YamlMap
            ?? throw new YamlFormatException(item.Line, $"{prefix}{item.Kind}; expected keys and values");
        this.prefix = prefix;
    }

    /// <summary>Refuses keys that are not known, and names those that are missing.</summary>
    public void CheckKeys(IReadOnlyList<string> known, IReadOnlyList<string> required)
    {
        foreach (var (key, value) in map.Items)
            if (!known.Contains(key))
                throw new YamlFormatException(
                    value.Line,
                    $"{prefix}unknown key {Quoted.Text(key)}; known are {string.Join(", ", known)}"
                );
        foreach (var key in required)
            if (!map.Items.ContainsKey(key))
                throw new YamlFormatException(map.Line, $"{prefix}key '{key}' is missing");
    }

    /// <summary>The keys that are there, in the order of the document.</summary>
    public IEnumerable<string> Keys => map.Items.Keys;

    /// <summary>True when the key is there.</summary>
    public bool Has(string key) => map.Items.ContainsKey(key);

    /// <summary>Where the key stands; where the mapping stands if it is not there.</summary>
    public long LineOf(string key) => map.Items.TryGetValue(key, out var item) ? item.Line : map.Line;

    /// <summary>A string. What looks like a number or a truth value is a string too.</summary>
    public string Text(string key, Func<string, string?> rule) => Text(key, Get(key), rule);

    /// <summary>A whole number.</summary>
    public long Number(string key) =>
        Get(key) is YamlText { Plain: true } text
        && long.TryParse(text.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Refuse(key, Get(key), "a whole number");

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool Flag(string key) =>
        Get(key) switch
        {
            YamlText { Plain: true, Value: "true" } => true,
            YamlText { Plain: true, Value: "false" } => false,
            var other => throw Refuse(key, other, "true or false"),
        };

    /// <summary>A list of strings; empty when the key is not there.</summary>
    public IReadOnlyList<string> Texts(string key, int most, Func<string, string?> rule) =>
        Has(key) ? [.. List(key, most).Select(item => Text(key, item, rule))] : [];

    /// <summary>A list of at most so many items.</summary>
    public IReadOnlyList<YamlItem> List(string key, int most)
    {
        if (Get(key) is not YamlList list)
            throw Refuse(key, Get(key), "a list");
        return list.Items.Count <= most
            ? list.Items
            : throw new YamlFormatException(
                list.Line,
                $"{key} has {list.Items.Count} entries; at most {most} are allowed"
            );
    }

    /// <summary>The refusal of a value: what it is, and what was expected.</summary>
    public YamlFormatException Refuse(string key, YamlItem item, string expected) =>
        new(item.Line, $"{prefix}{key} is {item.Kind}; expected {expected}");

    /// <summary>The value of a key that must be there.</summary>
    public YamlItem Get(string key) =>
        map.Items.TryGetValue(key, out var item)
            ? item
            : throw new YamlFormatException(map.Line, $"{prefix}key '{key}' is missing");

    private string Text(string key, YamlItem item, Func<string, string?> rule)
    {
        if (item is not YamlText text || text is { Plain: true, Value: "" })
            throw Refuse(key, item, "a string");
        return rule(text.Value) is { } expected ? throw Refuse(key, item, expected) : text.Value;
    }
}
