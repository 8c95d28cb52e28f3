using System.Text;
using PkgForge.Registry;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds;

/// <summary>
/// The log of one attempt: everything that its tools print, between lines of the farm that begin with <c>==&gt;</c>. No other line begins so: where a
/// build prints that, <c>==\&gt;</c> is written. It is written as it comes, so that a crash keeps what there was; and it is bounded.
/// </summary>
public sealed class BuildLog : IOutput, IDisposable
{
    /// <summary>How much of the end of the log is kept in memory to find the cause of a failure.</summary>
    private const int TailSize = 64 << 10;

    private readonly FileStream file;
    private readonly long limit;
    private readonly TimeProvider time;
    private readonly Action? grew;
    private readonly Lock gate = new();
    private readonly byte[] tail = new byte[TailSize];
    private readonly FarmMark mark = new();
    private readonly long before;
    private long written;
    private long lines;

    /// <param name="path">The file; appended to if it is there.</param>
    /// <param name="limit">Bytes after which builds are stopped. Lines of the farm are always written.</param>
    /// <param name="time">For the times in the farm's lines.</param>
    /// <param name="grew">Called when something was written; it must not block.</param>
    public BuildLog(string path, long limit, TimeProvider time, Action? grew = null)
    {
        (this.limit, this.time, this.grew) = (limit, time, grew);
        (before, lines) = Measure(path);
        file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    /// <summary>Bytes in it.</summary>
    public long Length
    {
        get
        {
            lock (gate)
                return before + written;
        }
    }

    /// <summary>Writes a line of the farm's own: what happens next, or what came of it.</summary>
    public void Say(string text)
    {
        lock (gate)
        {
            var fresh = written == 0 || tail[(int)((written - 1) % TailSize)] == (byte)'\n';
            Append(
                Encoding.UTF8.GetBytes(
                    $"{(fresh ? "" : "\n")}{LogLine.Mark} {time.GetUtcNow():HH:mm:ss} {text.ReplaceLineEndings(" ")}\n"
                )
            );
            mark.StartLine();
        }
    }

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            var fits = true;
            for (int end; (end = mark.EndIn(bytes)) >= 0; bytes = bytes[end..])
            {
                fits &= AppendWithinLimit(bytes[..end]);
                fits &= AppendWithinLimit("\\"u8);
            }
            return fits & AppendWithinLimit(bytes);
        }
    }

    /// <summary>The last lines, oldest first, that begin at an offset or after it; not those that are empty.</summary>
    public IReadOnlyList<LogLine> Tail(long since = 0)
    {
        lock (gate)
        {
            var size = (int)Math.Min(written, TailSize);
            var text = new byte[size];
            for (var i = 0; i < size; i++)
                text[i] = tail[(int)((written - size + i) % TailSize)];
            var first = new LogPlace(before + written - size, lines + 1 - text.AsSpan().Count((byte)'\n'));
            return LogLines.Read(text, first, isWhole: size == written, since);
        }
    }

    /// <summary>The text of the last lines, oldest first.</summary>
    public IReadOnlyList<string> LastLines() => [.. Tail().Select(line => line.Text)];

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private bool AppendWithinLimit(ReadOnlySpan<byte> bytes)
    {
        var room = Math.Max(0, limit - written);
        Append(bytes.Length <= room ? bytes : bytes[..(int)room]);
        return bytes.Length <= room;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        file.Write(bytes);
        var kept = bytes.Length > TailSize ? bytes[^TailSize..] : bytes;
        var position = written + bytes.Length - kept.Length;
        foreach (var value in kept)
            tail[(int)(position++ % TailSize)] = value;
        written += bytes.Length;
        lines += bytes.Count((byte)'\n');
        grew?.Invoke();
    }

    private static (long Bytes, long Lines) Measure(string path)
    {
        if (!File.Exists(path))
            return (0, 0);
        using var there = File.OpenRead(path);
        var buffer = new byte[TailSize];
        var (bytes, lines) = (0L, 0L);
        for (int read; (read = there.Read(buffer)) > 0; bytes += read)
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return (bytes, lines);
    }
}
