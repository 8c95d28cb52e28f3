using System.Globalization;
using System.Text;

namespace PkgForge.Yaml;

/// <summary>Untrusted text, made fit to stand in a message or in YAML.</summary>
internal static class Quoted
{
    /// <summary>For messages: cut at 100 characters, control characters as <c>?</c>, in single quotes.</summary>
    internal static string Text(string text)
    {
        var cut = text.Length > 100 ? string.Concat(text.AsSpan(0, 100), "...") : text;
        return $"'{string.Concat(cut.Select(c => IsHarmless(c) ? c : '?'))}'";
    }

    /// <summary>
    /// A double-quoted scalar (YAML 1.2, section 7.3.1) on one line, that no reader takes for a number, a date or a
    /// truth value. What YAML does not call printable, or treats as a line break or a byte order mark, is escaped.
    /// </summary>
    internal static string Yaml(string text)
    {
        var result = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
            _ = c switch
            {
                '"' or '\\' => result.Append('\\').Append(c),
                _ when IsHarmless(c) => result.Append(c),
                _ => result.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture)),
            };
        return result.Append('"').ToString();
    }

    private static bool IsHarmless(char c) =>
        !char.IsControl(c) && c is not ('\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF');
}
