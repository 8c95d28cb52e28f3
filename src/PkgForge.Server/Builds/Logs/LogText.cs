using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PkgForge.Server.Builds.Logs;

/// <summary>Makes a line of a log, which a hostile build may have printed, fit for terminals and mails.</summary>
public static partial class LogText
{
    private const string Reset = "\e[0m";

    /// <summary>Without control sequences, and with other control codes made visible.</summary>
    public static string Plain(string line) => Clean(line, colours: false);

    /// <summary>The same, but harmless colours stay; they end with the line.</summary>
    public static string Coloured(string line) => Clean(line, colours: true);

    /// <summary>A line of a build that on a terminal would look like one of the farm's, with the mark of the log instead.</summary>
    public static string Quote(string line)
    {
        var at = line.IndexOf(LogLine.Mark, StringComparison.Ordinal);
        return at >= 0 && Sequence().Replace(line[..at], "").Trim().Length == 0
            ? $"{line[..at]}{LogLine.Quoted}{line[(at + LogLine.Mark.Length)..]}"
            : line;
    }

    private static string Clean(string line, bool colours)
    {
        var text = new StringBuilder();
        var coloured = false;
        foreach (var part in Sequence().Split(line))
        {
            if (!Sequence().IsMatch(part))
                AppendVisible(text, part);
            else if (colours && Colour().IsMatch(part))
            {
                text.Append(part);
                coloured = true;
            }
        }
        return coloured ? text.Append(Reset).ToString() : text.ToString();
    }

    private static void AppendVisible(StringBuilder text, string part)
    {
        foreach (var c in part)
            _ = c switch
            {
                '\t' => text.Append(c),
                < ' ' => text.Append('^').Append((char)(c + '@')),
                '\x7f' => text.Append("^?"),
                _ when IsHidden(c) => text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
    }

    /// <summary>8-bit control codes, other line ends, and what turns the order of characters round.</summary>
    private static bool IsHidden(char c) =>
        char.IsControl(c)
        || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    // The parentheses make Split keep the sequences.
    [GeneratedRegex(@"(\x1b\[[0-?]*[ -/]*[@-~])")]
    private static partial Regex Sequence();

    // Reset, bold, underlined, and the colours of letters, but for black: none of them hides anything.
    [GeneratedRegex(@"^\x1b\[(0?[014]|2[24]|3[1-79]|9[0-7])?(;(0?[014]|2[24]|3[1-79]|9[0-7])?)*m$")]
    private static partial Regex Colour();
}
