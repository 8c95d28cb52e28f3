namespace PkgForge.Yaml;

/// <summary>A node of a YAML document, with the line where it begins.</summary>
public abstract record YamlItem(long Line)
{
    /// <summary>What it is, for messages.</summary>
    public abstract string Kind { get; }
}

/// <summary>A scalar.</summary>
/// <param name="Value">The text.</param>
/// <param name="Plain">It stood without quotes, and so may be a number or a truth value.</param>
/// <param name="Line">Where it stands.</param>
public sealed record YamlText(string Value, bool Plain, long Line) : YamlItem(Line)
{
    /// <inheritdoc/>
    public override string Kind => Plain && Value.Length == 0 ? "empty" : Quoted.Text(Value);
}

/// <summary>A sequence.</summary>
public sealed record YamlList(IReadOnlyList<YamlItem> Items, long Line) : YamlItem(Line)
{
    /// <inheritdoc/>
    public override string Kind => "a list";
}

/// <summary>A mapping, its keys in the order of the document.</summary>
public sealed record YamlMap(IReadOnlyDictionary<string, YamlItem> Items, long Line) : YamlItem(Line)
{
    /// <inheritdoc/>
    public override string Kind => "a set of keys";
}
