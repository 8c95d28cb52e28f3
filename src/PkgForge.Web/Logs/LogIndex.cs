using System.Buffers;
using PkgForge.Logs;

namespace PkgForge.Web.Logs;

/// <summary>
/// Where the lines of a log are. A log only grows: each call reads what has come since the last one, once. Of a log that is stored nothing is read: where its lines
/// are is stored with it.
/// </summary>
/// <param name="path">The log's plain form.</param>
internal sealed class LogIndex(string path)
{
    private const int BlockSize = 1 << 18;

    private readonly Lock gate = new();
    private LineScan scan = new();

    /// <summary>Looks at what the log has now.</summary>
    /// <exception cref="FileNotFoundException">There is no log.</exception>
    /// <exception cref="FarmFaultException">It is stored, and damaged.</exception>
    public LogState Refresh()
    {
        using var log = Open();
        lock (gate)
        {
            if (scan.Bytes == 0 && log.Lines is { } known)
                scan = new(known);
            else
                Scan(log);
            return new(scan.Bytes, scan.Whole, scan.All, [.. scan.Stages]);
        }
    }

    /// <summary>Reads lines. The log must have been looked at since they came.</summary>
    /// <param name="first">The first line's number, from 1.</param>
    /// <param name="atMost">So many.</param>
    /// <param name="longest">Of longer lines only so many bytes are returned.</param>
    public IReadOnlyList<LogLine> Read(long first, int atMost, int longest)
    {
        using var log = Open();
        LineMark mark;
        long end;
        lock (gate)
            (mark, end) = (scan.MarkFor(first), scan.Bytes);
        using var reader = new LogReader(log, mark, end);
        return reader.Read(first, atMost, longest);
    }

    public LogFile Open() => LogFile.TryOpen(path) ?? throw new FileNotFoundException("there is no log", path);

    private void Scan(LogFile log)
    {
        var block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            int read;
            while ((read = log.Read(block.AsSpan(0, BlockSize), scan.Bytes)) > 0)
                scan.Add(block.AsSpan(0, read));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
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
