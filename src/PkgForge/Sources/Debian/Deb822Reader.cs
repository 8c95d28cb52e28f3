using System.Text;

namespace PkgForge.Sources.Debian;

/// <summary>The state of reading one control file, line by line.</summary>
internal sealed class Deb822Reader(bool comments)
{
    private readonly List<Deb822Paragraph> paragraphs = [];
    private readonly StringBuilder value = new();
    private Deb822Paragraph? paragraph;
    private string? field;
    private int fields;
    private int number;

    public IReadOnlyList<Deb822Paragraph> Paragraphs => paragraphs;

    /// <summary>Reads all lines; null, or what is wrong.</summary>
    public string? Read(string text)
    {
        foreach (var line in text.AsSpan().EnumerateLf())
        {
            number++;
            if (Line(line) is { } error)
                return $"line {number}: {error}";
        }

        return EndField() is { } last ? $"line {number}: {last}" : null;
    }

    private string? Line(ReadOnlySpan<char> line)
    {
        if (line.Length > Deb822.MaxLine)
            return $"is longer than {Deb822.MaxLine} characters";
        foreach (var c in line)
        {
            if (char.IsControl(c) && c != '\t')
                return $"has a control character (U+{(int)c:X4}); lines end with a line feed only";
        }

        return line.IsWhiteSpace() ? EndParagraph()
            : line[0] == '#' && comments ? null
            : line[0] is ' ' or '\t' ? Continue(line)
            : EndField() ?? Begin(line);
    }

    private string? Continue(ReadOnlySpan<char> line)
    {
        if (field is null)
            return "continues a field, but there is none before it";
        value.Append('\n').Append(line[1..].TrimEnd());
        return null;
    }

    private string? Begin(ReadOnlySpan<char> line)
    {
        var colon = line.IndexOf(':');
        if (colon <= 0)
            return "is not 'FIELD: VALUE'";
        var name = line[..colon];
        if (name[0] is '-' or '#' || name.IndexOfAnyExceptInRange('!', '~') >= 0)
            return "has a field name that is not well formed";
        if (++fields > Deb822.MaxFields)
            return $"there are more than {Deb822.MaxFields} fields";
        field = name.ToString();
        value.Append(line[(colon + 1)..].Trim());
        if (paragraph is null)
            paragraphs.Add(paragraph = new());
        return null;
    }

    private string? EndParagraph()
    {
        var error = EndField();
        paragraph = null;
        return error;
    }

    private string? EndField()
    {
        var isNew = field is null || paragraph!.TryAdd(field, value.ToString().Trim());
        var error = isNew ? null : $"the field {PlainName.ToPrint(field!)}, which ends before it, comes twice";
        field = null;
        value.Clear();
        return error;
    }
}

/// <summary>Lines that end with a line feed and nothing else; the framework's own take six other ends too.</summary>
internal static class LineFeeds
{
    public static Enumerator EnumerateLf(this ReadOnlySpan<char> text) => new(text);

    public ref struct Enumerator(ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> rest = text;
        private bool ended;

        public ReadOnlySpan<char> Current { get; private set; }

        public readonly Enumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            if (ended)
                return false;
            var end = rest.IndexOf('\n');
            ended = end < 0;
            Current = ended ? rest : rest[..end];
            rest = ended ? [] : rest[(end + 1)..];
            return true;
        }
    }
}
