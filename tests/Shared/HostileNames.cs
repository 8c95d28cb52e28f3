using System.Buffers;
using System.Globalization;
using System.Text;

namespace PkgForge.Tests.Shared;

/// <summary>
/// The names of <c>tests/hostile/names.txt</c>: what is an option, a piece of shell, a path or a format to some tool. Those that run something make a file
/// <see cref="Harm"/>.
/// </summary>
public static class HostileNames
{
    /// <summary>The name of the file that must never be there.</summary>
    public const string Harm = "harmed";

    private static readonly SearchValues<char> Special = SearchValues.Create("$`;|&<>(){}[]*?!'\"#,=@");

    /// <summary>All of them, and the empty one.</summary>
    public static IReadOnlyList<string> All { get; } = ["", .. Lines().Where(line => !IsRemark(line)).Select(Decode)];

    /// <summary>Those that a rule accepts.</summary>
    public static IReadOnlyList<string> Accepted(Func<string, bool> rule) => [.. All.Where(rule)];

    /// <summary>A few of many, from all parts of the list, always the same.</summary>
    public static IReadOnlyList<string> Some(IReadOnlyList<string> names, int most) =>
        names.Count <= most ? names : [.. Enumerable.Range(0, most).Select(i => names[i * names.Count / most])];

    /// <summary>Whether a name would be hidden, a directory, an option or more than one word or line to anybody.</summary>
    public static bool IsPlainWord(string name) =>
        name.Length > 0
        && name[0] is not ('-' or '.')
        && !name.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '/' or '\\')
        && !name.AsSpan().ContainsAny(Special);

    private static bool IsRemark(string line) => line.StartsWith("# ", StringComparison.Ordinal);

    private static IEnumerable<string> Lines()
    {
        using var stream = typeof(HostileNames).Assembly.GetManifestResourceStream("hostile-names.txt")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().TrimEnd('\n').Split('\n');
    }

    private static string Decode(string line)
    {
        var name = new StringBuilder();
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] != '\\')
                name.Append(line[i]);
            else
                name.Append(Escaped(line, ref i));
        }
        return name.ToString();
    }

    private static char Escaped(string line, ref int i) =>
        line[++i] switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            '\\' => '\\',
            'u' => (char)int.Parse(line.AsSpan((i += 4) - 3, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            var other => throw new FormatException($"names.txt: '\\{other}' in '{line}'"),
        };
}
