using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace PkgForge.Yaml;

/// <summary>
/// Makes a tree out of the parser's events, and stops at the first event that is out of bounds: so neither depth nor
/// number of nodes is ever more than allowed, and there is no alias that could multiply them.
/// </summary>
internal sealed class BoundedYaml
{
    private readonly Parser parser;
    private readonly int mostNodes;
    private int nodes;

    private BoundedYaml(string text, int mostNodes) =>
        (parser, this.mostNodes) = (new(new StringReader(text)), mostNodes);

    /// <summary>Reads exactly one document.</summary>
    /// <exception cref="YamlFormatException">Out of bounds, or with a construct that is refused.</exception>
    /// <exception cref="YamlException">Not YAML.</exception>
    internal static YamlItem Read(string text, int mostNodes)
    {
        var reader = new BoundedYaml(text, mostNodes);
        reader.parser.Consume<StreamStart>();
        if (reader.parser.Accept<StreamEnd>(out var end))
            throw new YamlFormatException(end.Start.Line, "the file is empty");
        var start = reader.parser.Consume<DocumentStart>();
        if (start.Version is not null || start.Tags is { Count: > 0 } tags && !start.IsImplicit && HasTags(tags))
            throw new YamlFormatException(start.Start.Line, "a % directive; expected none");
        var root = reader.ReadItem(1);
        reader.parser.Consume<DocumentEnd>();
        if (!reader.parser.Accept<StreamEnd>(out _))
            throw new YamlFormatException(reader.Line, "a second document; expected one");
        return root;
    }

    private long Line => parser.Current?.Start.Line ?? 0;

    /// <summary>The parser reports the two default tag handles as if they had been written.</summary>
    private static bool HasTags(IEnumerable<YamlDotNet.Core.Tokens.TagDirective> tags) =>
        tags.Any(tag => tag.Handle is not ("!" or "!!"));

    private YamlItem ReadItem(int depth)
    {
        if (parser.Accept<AnchorAlias>(out var alias))
            throw new YamlFormatException(
                alias.Start.Line,
                $"an alias (*{Quoted.Text(alias.Value.Value)}); expected none"
            );
        if (!parser.Accept<NodeEvent>(out var node))
            throw new YamlFormatException(Line, "not well-formed YAML: a value is missing");
        CheckNode(node, depth);
        return node switch
        {
            SequenceStart => ReadList(depth),
            MappingStart => ReadMap(depth),
            _ => ReadText(),
        };
    }

    private void CheckNode(NodeEvent node, int depth)
    {
        if (++nodes > mostNodes)
            throw new YamlFormatException(node.Start.Line, $"more than {mostNodes} values");
        if (depth > YamlDocument.MaxDepth)
            throw new YamlFormatException(node.Start.Line, $"nested deeper than {YamlDocument.MaxDepth} levels");
        if (!node.Anchor.IsEmpty)
            throw new YamlFormatException(node.Start.Line, "an anchor (&); expected none");
        if (!node.Tag.IsEmpty)
            throw new YamlFormatException(
                node.Start.Line,
                "a tag (!); expected none: put a value that begins with ! in quotes"
            );
    }

    private YamlText ReadText()
    {
        var scalar = parser.Consume<Scalar>();
        return new(scalar.Value, scalar.Style == ScalarStyle.Plain, scalar.Start.Line);
    }

    private YamlList ReadList(int depth)
    {
        var line = parser.Consume<SequenceStart>().Start.Line;
        var items = new List<YamlItem>();
        while (!parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadItem(depth + 1));
        return new(items, line);
    }

    private YamlMap ReadMap(int depth)
    {
        var line = parser.Consume<MappingStart>().Start.Line;
        var items = new Dictionary<string, YamlItem>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadItem(depth + 1);
            if (key is not YamlText name)
                throw new YamlFormatException(key.Line, $"{key.Kind} as a key; expected a name");
            if (!items.TryAdd(name.Value, ReadItem(depth + 1)))
                throw new YamlFormatException(
                    name.Line,
                    $"key {Quoted.Text(name.Value)} is there twice; expected it once"
                );
        }
        return new(items, line);
    }
}
