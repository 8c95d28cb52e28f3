using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace PkgForge.Web.Logs;

/// <summary>
/// A line of a log as HTML. Colours (ECMA-48 8.3.117, SGR) become classes; every other control sequence is left out, and a control code alone is shown by its
/// picture. All that the build has printed is encoded: nothing of it is ever mark-up.
/// </summary>
internal static class LogHtml
{
    private const char Escape = '\u001b';
    private const char Bell = '\u0007';

    /// <summary>U+2400 and what follows are pictures of the control codes, in their order.</summary>
    private const char Pictures = '\u2400';

    private const char DeletePicture = '\u2421';

    public static string Of(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line).TrimEnd('\r');
        // A progress bar draws over itself: what it drew last is what a terminal would show.
        text = text[(text.LastIndexOf('\r') + 1)..];
        var html = new StringBuilder(text.Length + 16);
        var style = new SgrStyle();
        var open = "";
        for (var i = 0; i < text.Length; )
        {
            if (text[i] == Escape)
            {
                i = Sequence(text, i, style);
                continue;
            }
            // Only before text, and only when it looks otherwise than what is before it: sequences alone make no page long.
            open = Restyle(html, open, style.Classes());
            var end = i;
            while (end < text.Length && !char.IsControl(text[end]) && !IsHidden(text[end]))
                end++;
            html.Append(HtmlEncoder.Default.Encode(text[i..end]));
            if (end < text.Length && text[end] != Escape)
                html.Append(Shown(text[end++]));
            i = end;
        }
        return html.Append(open.Length > 0 ? "</span>" : "").ToString();
    }

    private static string Restyle(StringBuilder html, string open, string classes)
    {
        if (classes == open)
            return open;
        if (open.Length > 0)
            html.Append("</span>");
        if (classes.Length > 0)
            html.Append("<span class=\"").Append(classes).Append("\">");
        return classes;
    }

    private static string Shown(char control) =>
        control switch
        {
            '\t' => "\t",
            < ' ' => ((char)(Pictures + control)).ToString(),
            '\u007f' => DeletePicture.ToString(),
            _ => string.Create(CultureInfo.InvariantCulture, $"<span class=\"code\">U+{(int)control:X4}</span>"),
        };

    /// <summary>What changes the direction of text, or cannot be seen, could make a line look like another.</summary>
    private static bool IsHidden(char c) =>
        c is >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069' or '\u200e' or '\u200f' or '\u2028' or '\u2029';

    /// <summary>Reads a control sequence. Returns where it ends.</summary>
    private static int Sequence(string text, int start, SgrStyle style)
    {
        if (start + 1 >= text.Length)
            return text.Length;
        return text[start + 1] switch
        {
            '[' => Csi(text, start + 2, style),
            ']' or 'P' or '^' or '_' or 'X' => StringEnd(text, start + 2),
            _ => start + 2,
        };
    }

    private static int Csi(string text, int start, SgrStyle style)
    {
        var end = start;
        while (end < text.Length && text[end] is >= ' ' and <= '?')
            end++;
        if (end < text.Length && text[end] == 'm')
            style.Apply(text[start..end]);
        return end < text.Length && text[end] is >= '@' and <= '~' ? end + 1 : end;
    }

    /// <summary>A title, a link: until BEL or ST.</summary>
    private static int StringEnd(string text, int start)
    {
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == Bell)
                return i + 1;
            if (text[i] == Escape)
                return i + 1 < text.Length && text[i + 1] == '\\' ? i + 2 : i;
        }
        return text.Length;
    }
}
