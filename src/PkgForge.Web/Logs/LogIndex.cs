using System.Buffers;
using System.Text;
using Microsoft.Win32.SafeHandles;
using PkgForge.Native;

namespace PkgForge.Web.Logs;

/// <summary>A stage of a build, as the farm's own line in the log announces it.</summary>
/// <param name="Line">The number of that line, from 1.</param>
/// <param name="Text">What it says, without the mark and the time.</param>
internal sealed record LogStage(long Line, string Text);

/// <summary>
/// Where the lines of a log are. A log only grows: each call reads what has come since the last one, once, and every 512th line's place is
/// remembered, so that any line of a log of hundreds of megabytes is found by reading a few pages of it.
/// </summary>
/// <param name="path">The log.</param>
internal sealed class LogIndex(string path)
{
    private const int LinesPerMark = 512;
    private const int BlockSize = 1 << 18;
    private const int MostStages = 500;
    private const int LongestStage = 200;

    private static ReadOnlySpan<byte> StageMark => "==> "u8;

    private readonly Lock gate = new();
    private readonly List<long> marks = [0];
    private readonly List<LogStage> stages = [];
    private readonly byte[] head = new byte[LongestStage];
    private int headLength;
    private long scanned;
    private long lastEnd;
    private long lines;

    /// <summary>Looks at what the log has now.</summary>
    /// <exception cref="FileNotFoundException">There is no log.</exception>
    public LogState Refresh()
    {
        using var file = Open();
        lock (gate)
        {
            var block = ArrayPool<byte>.Shared.Rent(BlockSize);
            try
            {
                int read;
                while ((read = RandomAccess.Read(file, block.AsSpan(0, BlockSize), scanned)) > 0)
                    Scan(block.AsSpan(0, read));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(block);
            }
            return new(scanned, lines, scanned > lastEnd ? lines + 1 : lines, [.. stages]);
        }
    }

    /// <summary>Reads lines. The log must have been looked at since they came.</summary>
    /// <param name="first">The first line's number, from 1.</param>
    /// <param name="atMost">So many.</param>
    /// <param name="longest">Of longer lines only so many bytes are returned.</param>
    public IReadOnlyList<LogLine> Read(long first, int atMost, int longest)
    {
        using var file = Open();
        long offset;
        long number;
        long end;
        lock (gate)
        {
            var mark = (int)Math.Min((first - 1) / LinesPerMark, marks.Count - 1);
            (offset, number, end) = (marks[mark], (long)mark * LinesPerMark + 1, scanned);
        }
        return new LogReader(file, offset, number, end).Read(first, atMost, longest);
    }

    public SafeFileHandle Open()
    {
        try
        {
            var file = FileSystem.OpenFile(path);
            if (FileSystem.Status(file).Kind == FileKind.Regular)
                return file;
            file.Dispose();
        }
        catch (PosixException)
        {
            // Not there, or a link.
        }
        throw new FileNotFoundException("there is no log", path);
    }

    private void Scan(ReadOnlySpan<byte> block)
    {
        var start = 0;
        int length;
        while ((length = block[start..].IndexOf((byte)'\n')) >= 0)
        {
            Keep(block.Slice(start, length));
            EndLine(scanned + start + length + 1);
            start += length + 1;
        }
        Keep(block[start..]);
        scanned += block.Length;
    }

    private void EndLine(long end)
    {
        lines++;
        lastEnd = end;
        if (lines % LinesPerMark == 0)
            marks.Add(end);
        var line = head.AsSpan(0, headLength);
        if (line.StartsWith(StageMark) && stages.Count < MostStages)
            stages.Add(new(lines, TextOf(line)));
        headLength = 0;
    }

    /// <summary>Of a line its beginning is kept, which tells whether it is a stage.</summary>
    private void Keep(ReadOnlySpan<byte> part)
    {
        var kept = part[..Math.Min(part.Length, head.Length - headLength)];
        kept.CopyTo(head.AsSpan(headLength));
        headLength += kept.Length;
    }

    // "==> 12:34:56 text"
    private static string TextOf(ReadOnlySpan<byte> line)
    {
        const int Time = 9;
        var text = line[StageMark.Length..];
        return Encoding.UTF8.GetString(text.Length > Time && text[2] == ':' && text[5] == ':' ? text[Time..] : text);
    }
}

/// <summary>How long a log is.</summary>
/// <param name="Bytes">In bytes.</param>
/// <param name="Whole">Lines that have ended.</param>
/// <param name="Lines">Those, and one that has only begun.</param>
/// <param name="Stages">The farm's own lines.</param>
internal sealed record LogState(long Bytes, long Whole, long Lines, IReadOnlyList<LogStage> Stages);

/// <summary>One line of a log.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Bytes">What it has, without its end.</param>
/// <param name="Cut">So many bytes were left out at its end.</param>
internal sealed record LogLine(long Number, byte[] Bytes, long Cut);
