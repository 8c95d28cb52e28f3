namespace PkgForge.Yaml;

/// <summary>A document is not what it should be; the message says what is wrong and what was expected, <see cref="Line"/> where.</summary>
public sealed class YamlFormatException(long line, string message) : Exception(message)
{
    /// <summary>Counted from 1.</summary>
    public long Line { get; } = line;
}
