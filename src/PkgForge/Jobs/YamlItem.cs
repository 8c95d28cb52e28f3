namespace PkgForge.Jobs;

/// <summary>A node of a YAML document, with the line where it begins.</summary>
internal abstract record YamlItem(long Line)
{
    internal abstract string Kind { get; }
}

/// <param name="Value">The text.</param>
/// <param name="Plain">It stood without quotes, and so may be a number or a truth value.</param>
/// <param name="Line">Where it stands.</param>
internal sealed record YamlText(string Value, bool Plain, long Line) : YamlItem(Line)
{
    internal override string Kind => Plain && Value.Length == 0 ? "empty" : Quoted.Text(Value);
}

internal sealed record YamlList(IReadOnlyList<YamlItem> Items, long Line) : YamlItem(Line)
{
    internal override string Kind => "a list";
}

internal sealed record YamlMap(IReadOnlyDictionary<string, YamlItem> Items, long Line) : YamlItem(Line)
{
    internal override string Kind => "a set of keys";
}
