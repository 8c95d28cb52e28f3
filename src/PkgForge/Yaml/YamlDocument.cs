using System.Globalization;
using System.Text;
using YamlDotNet.Core;

namespace PkgForge.Yaml;

/// <summary>
/// Reads a YAML file that a person or a stranger wrote: one document, bounded in depth and number of nodes, without
/// anchors, aliases and tags. Whatever the bytes are, the answer is a result.
/// </summary>
public static class YamlDocument
{
    /// <summary>Deeper than any of the farm's files.</summary>
    public const int MaxDepth = 8;

    /// <summary>A file entry of a manifest has 7 nodes; 10,000 of them, and the rest of the largest manifest, need 71,500.</summary>
    public const int MaxNodes = 100_000;

    /// <summary>Makes something out of a document.</summary>
    /// <param name="bytes">The document.</param>
    /// <param name="read">Makes it; refuses by a <see cref="YamlFormatException"/>.</param>
    /// <param name="mostNodes">The most nodes that it may have.</param>
    /// <returns>What was made; or null, and what is wrong, with the line.</returns>
    public static (T? Value, string? Error) Read<T>(
        ReadOnlySpan<byte> bytes,
        Func<YamlItem, T> read,
        int mostNodes = MaxNodes
    )
        where T : class
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return (read(BoundedYaml.Read(text, mostNodes)), null);
        }
        catch (DecoderFallbackException)
        {
            return (null, "not UTF-8 text");
        }
        catch (YamlFormatException e)
        {
            return (null, $"line {e.Line.ToString(CultureInfo.InvariantCulture)}: {e.Message}");
        }
        catch (YamlException e)
        {
            return (null, $"line {e.Start.Line}: not well-formed YAML: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // YamlDotNet's scanner leaves by these, too, on text that is not YAML; they carry no place.
            return (null, "not well-formed YAML");
        }
    }
}
