using System.Text;
using PkgForge.Logs;
using PkgForge.Registry;

namespace PkgForge.Server.Builds.Logs;

/// <summary>A line of an excerpt.</summary>
/// <param name="Number">Its number in the log.</param>
/// <param name="Text">The line, fit for terminals and mails, at most 500 characters.</param>
/// <param name="IsEvidence">It is the one that the excerpt is about.</param>
public sealed record ExcerptLine(long Number, string Text, bool IsEvidence);

/// <summary>The evidence of a failure in a stored log, and the lines around it.</summary>
public static class LogExcerpt
{
    /// <summary>Lines before the evidence.</summary>
    public const int Before = 10;

    /// <summary>Lines after it.</summary>
    public const int After = 5;

    private const int LongestLine = 500;

    /// <summary>So many bytes are read at most, on either side.</summary>
    private const int Window = 64 << 10;

    /// <summary>The lines around a place; none when the log does not reach as far, or is gone.</summary>
    /// <param name="path">Where the log's plain form is, or was.</param>
    /// <param name="place">The place.</param>
    /// <exception cref="IOException">The log cannot be read.</exception>
    /// <exception cref="FarmFaultException">Its stored form is damaged.</exception>
    public static IReadOnlyList<ExcerptLine> Read(string path, LogPlace place)
    {
        using var log = LogFile.TryOpen(path);
        if (log is null || place.Offset >= log.Length)
            return [];
        var bytes = new byte[Window];
        var reach = (int)Math.Min(Window, place.Offset);
        var before = Lines(bytes.AsSpan(0, log.Fill(bytes.AsSpan(0, reach), place.Offset - reach)));
        // What the last line end ends is a line; nothing comes after it.
        var earlier = before.Count > 0 && before[^1].Length == 0 ? before[..^1] : before;
        var here = Lines(bytes.AsSpan(0, log.Fill(bytes, place.Offset))).Take(After + 1).ToList();
        if (here.Count > 1 && here[^1].Length == 0)
            here.RemoveAt(here.Count - 1);
        var shown = earlier.TakeLast(Before).ToList();
        return
        [
            .. shown.Select((text, i) => new ExcerptLine(place.Line - shown.Count + i, text, false)),
            .. here.Select((text, i) => new ExcerptLine(place.Line + i, text, i == 0)),
        ];
    }

    /// <summary>As text: the number of each line, and <c>&gt;</c> before the evidence.</summary>
    public static IEnumerable<string> Render(IReadOnlyList<ExcerptLine> lines)
    {
        var width = lines.Count == 0 ? 0 : $"{lines[^1].Number}".Length;
        return lines.Select(line =>
            $"{(line.IsEvidence ? '>' : ' ')} {$"{line.Number}".PadLeft(width)}  {line.Text}".TrimEnd()
        );
    }

    private static List<string> Lines(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<string>();
        foreach (var range in bytes.Split((byte)'\n'))
            lines.Add(Shown(bytes[range]));
        return lines;
    }

    private static string Shown(ReadOnlySpan<byte> line)
    {
        // A character has at most four bytes.
        var text = Encoding.UTF8.GetString(line.Length > 4 * LongestLine ? line[..(4 * LongestLine)] : line);
        var shown = LogText.Plain(text.TrimEnd('\r'));
        return shown.Length > LongestLine ? $"{shown[..LongestLine]}..." : shown;
    }
}
