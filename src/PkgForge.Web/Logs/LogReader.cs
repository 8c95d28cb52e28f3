using Microsoft.Win32.SafeHandles;

namespace PkgForge.Web.Logs;

/// <summary>Reads lines of a log, from a place whose line is known.</summary>
internal sealed class LogReader
{
    private const int BlockSize = 1 << 16;

    private readonly SafeFileHandle file;
    private readonly long end;
    private readonly byte[] block = new byte[BlockSize];
    private long offset;
    private long number;
    private int length;
    private int position;

    /// <param name="file">The log.</param>
    /// <param name="offset">Where a line begins.</param>
    /// <param name="number">Which.</param>
    /// <param name="end">Where to stop.</param>
    public LogReader(SafeFileHandle file, long offset, long number, long end) =>
        (this.file, this.offset, this.number, this.end) = (file, offset, number, end);

    public IReadOnlyList<LogLine> Read(long first, int atMost, int longest)
    {
        var lines = new List<LogLine>();
        while (lines.Count < atMost && ReadLine(longest) is { } line)
        {
            if (line.Number >= first)
                lines.Add(line);
        }
        return lines;
    }

    /// <summary>The lines that hold a text, whatever the case of ASCII letters.</summary>
    public IEnumerable<LogLine> Find(byte[] text, int longest)
    {
        var lower = Lower(text);
        while (ReadLine(longest) is { } line)
        {
            if (Lower(line.Bytes).AsSpan().IndexOf(lower) >= 0)
                yield return line;
        }
    }

    private static byte[] Lower(byte[] text)
    {
        var lower = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
            lower[i] = text[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(text[i] | 0x20) : text[i];
        return lower;
    }

    private LogLine? ReadLine(int longest)
    {
        var line = new List<byte>();
        var cut = 0L;
        var any = false;
        while (Fill())
        {
            any = true;
            var rest = block.AsSpan(position, length - position);
            var newline = rest.IndexOf((byte)'\n');
            var part = newline < 0 ? rest : rest[..newline];
            var kept = part[..Math.Min(part.Length, longest - line.Count)];
            line.AddRange(kept);
            cut += part.Length - kept.Length;
            position += part.Length + (newline < 0 ? 0 : 1);
            if (newline >= 0)
                break;
        }
        return any ? new(number++, [.. line], cut) : null;
    }

    private bool Fill()
    {
        if (position < length)
            return true;
        var most = (int)Math.Min(BlockSize, end - offset);
        (position, length) = (0, most <= 0 ? 0 : RandomAccess.Read(file, block.AsSpan(0, most), offset));
        offset += length;
        return length > 0;
    }
}
