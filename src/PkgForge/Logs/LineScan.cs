using System.Text;

namespace PkgForge.Logs;

/// <summary>
/// Finds the lines of a log, reading it once from its beginning. Every 64 KiB or so the place of a line is remembered, so that any line of a log of
/// hundreds of megabytes is found by reading a few pages of it; and the farm's own lines are.
/// </summary>
public sealed class LineScan
{
    private const int BytesPerMark = 64 << 10;
    private const int MostStages = 500;
    private const int LongestStage = 200;

    private readonly List<LineMark> marks = [new(0, 1)];
    private readonly List<LogStage> stages = [];
    private readonly byte[] head = new byte[LongestStage];
    private int headLength;
    private long end;

    /// <summary>A scan that has not begun.</summary>
    public LineScan() { }

    /// <summary>A scan that has come to where a table ends; it must end with a line, or with the log.</summary>
    public LineScan(LineTable known)
    {
        marks = [.. known.Marks];
        stages = [.. known.Stages];
        (Bytes, Whole, end) = (known.Bytes, known.Whole, known.End);
    }

    private static ReadOnlySpan<byte> StageMark => "==> "u8;

    /// <summary>How far it has come.</summary>
    public long Bytes { get; private set; }

    /// <summary>Lines that have ended.</summary>
    public long Whole { get; private set; }

    /// <summary>Those, and one that has only begun.</summary>
    public long All => Bytes > end ? Whole + 1 : Whole;

    /// <summary>The farm's own lines.</summary>
    public IReadOnlyList<LogStage> Stages => stages;

    /// <summary>What it has found.</summary>
    public LineTable Table => new(Bytes, Whole, end, [.. marks], [.. stages]);

    /// <summary>The last known place at or before a line.</summary>
    public LineMark MarkFor(long line)
    {
        var (low, high) = (0, marks.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (marks[middle].Line <= line)
                low = middle;
            else
                high = middle - 1;
        }
        return marks[low];
    }

    /// <summary>Goes on with what the log has next.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var start = 0;
        int length;
        while ((length = bytes[start..].IndexOf((byte)'\n')) >= 0)
        {
            Keep(bytes.Slice(start, length));
            EndLine(Bytes + start + length + 1);
            start += length + 1;
        }
        Keep(bytes[start..]);
        Bytes += bytes.Length;
    }

    private void EndLine(long at)
    {
        Whole++;
        end = at;
        if (at - marks[^1].Offset >= BytesPerMark)
            marks.Add(new(at, Whole + 1));
        var line = head.AsSpan(0, headLength);
        if (line.StartsWith(StageMark) && stages.Count < MostStages)
            stages.Add(new(Whole, TextOf(line)));
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
