using System.Buffers;
using PkgForge.Logs;

namespace PkgForge.Web.Logs;

/// <summary>Reads lines of a log, from a place whose line is known.</summary>
internal sealed class LogReader : IDisposable
{
    private const int BlockSize = 1 << 16;

    private readonly LogFile log;
    private readonly long end;
    private readonly byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
    private long offset;
    private long number;
    private int length;
    private int position;

    /// <param name="log">The log; it stays the caller's.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="end">Where to stop.</param>
    public LogReader(LogFile log, LineMark from, long end) =>
        (this.log, offset, number, this.end) = (log, from.Offset, from.Line, end);

    /// <summary>Gives its memory back.</summary>
    public void Dispose() => ArrayPool<byte>.Shared.Return(block);

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
    public IEnumerable<LogLine> Find(byte[] text, int longest, CancellationToken cancel)
    {
        var lower = Lower(text);
        while (ReadLine(longest) is { } line)
        {
            cancel.ThrowIfCancellationRequested();
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
        (position, length) = (0, most <= 0 ? 0 : log.Read(block.AsSpan(0, most), offset));
        offset += length;
        return length > 0;
    }
}
