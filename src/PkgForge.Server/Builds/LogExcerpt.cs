using System.Text;
using PkgForge.Registry;

namespace PkgForge.Server.Builds;

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

    /// <summary>The lines around a place; none when the log does not reach as far.</summary>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public static IReadOnlyList<ExcerptLine> Read(string path, LogPlace place)
    {
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        if (place.Offset >= RandomAccess.GetLength(file))
            return [];
        var bytes = new byte[Window];
        var before = Lines(bytes.AsSpan(0, Fill(file, bytes, Math.Max(0, place.Offset - Window), place.Offset)));
        // What the last line end ends is a line; nothing comes after it.
        var earlier = before.Count > 0 && before[^1].Length == 0 ? before[..^1] : before;
        var here = Lines(bytes.AsSpan(0, Fill(file, bytes, place.Offset, long.MaxValue))).Take(After + 1).ToList();
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

    private static int Fill(Microsoft.Win32.SafeHandles.SafeFileHandle file, byte[] bytes, long from, long to)
    {
        var wanted = (int)Math.Min(bytes.Length, to - from);
        var filled = 0;
        for (
            int read;
            filled < wanted
                && (read = RandomAccess.Read(file, bytes.AsSpan(filled, wanted - filled), from + filled)) > 0;

        )
            filled += read;
        return filled;
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
