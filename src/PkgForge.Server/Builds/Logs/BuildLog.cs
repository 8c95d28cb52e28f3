using System.Text;
using PkgForge.Registry;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Logs;

/// <summary>
/// The log of one attempt: everything that its tools print, between lines of the farm that begin with <c>==&gt;</c>. No other line begins so: where a
/// build prints that, <c>==\&gt;</c> is written. It is written as it comes, so that a crash keeps what there was; and it is bounded.
/// </summary>
public sealed class BuildLog : IOutput, IDisposable
{
    /// <summary>How much of the end of the log is kept in memory to find the cause of a failure.</summary>
    private const int TailSize = 64 << 10;

    private readonly FileStream file;
    private readonly Budget budget;
    private readonly TimeProvider time;
    private readonly Action? grew;
    private readonly Stream? shown;
    private readonly Lock gate = new();
    private readonly byte[] tail = new byte[TailSize];
    private readonly FarmMark mark = new();
    private readonly long before;
    private long written;
    private BuildLog? joined;
    private LogPlace? begin;
    private long lines;

    /// <param name="path">The file; appended to if it is there.</param>
    /// <param name="limit">Bytes after which builds are stopped. Lines of the farm are always written.</param>
    /// <param name="time">For the times in the farm's lines.</param>
    /// <param name="grew">Called when something was written; it must not block.</param>
    /// <param name="shown">Takes the same as the file, for somebody who watches; it stays the caller's.</param>
    public BuildLog(string path, long limit, TimeProvider time, Action? grew = null, Stream? shown = null)
    {
        (budget, this.time, this.grew, this.shown) = (new(limit), time, grew, shown);
        (before, lines) = Measure(path);
        file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    private BuildLog(string path, BuildLog main)
    {
        (budget, time) = (main.budget, main.time);
        file = new(
            path,
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.Read,
            bufferSize: 0,
            FileOptions.DeleteOnClose
        );
    }

    /// <summary>
    /// A log of its own for a build that runs beside others of this attempt, within the same limit. What it holds is no part of this one before
    /// <see cref="Take"/>, and lost when the process dies before that.
    /// </summary>
    /// <param name="path">A file that is not there; it goes when the log is disposed.</param>
    public BuildLog Beside(string path) => new(path, this);

    /// <summary>
    /// Takes all that a log beside this one holds, and from now on what is written into it, as it comes. Until that one has ended nothing else is
    /// written into this one.
    /// </summary>
    public void Take(BuildLog beside)
    {
        lock (beside.gate)
        {
            if (beside.joined is not null)
                return;
            lock (gate)
            {
                if (!IsFresh)
                    Append("\n"u8);
                beside.begin = new(before + written, lines);
                beside.file.Position = 0;
                var buffer = new byte[TailSize];
                for (int read; (read = beside.file.Read(buffer)) > 0; )
                    Append(buffer.AsSpan(0, read));
            }
            beside.joined = this;
        }
    }

    /// <summary>Where a place of this log is in the one that has taken it.</summary>
    public LogPlace InMain(LogPlace place) =>
        begin is null ? place : new(begin.Offset + place.Offset, begin.Line + place.Line);

    /// <summary>True when it holds all that it may: whatever prints is stopped.</summary>
    public bool IsFull => budget.IsSpent;

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
            var line = Encoding.UTF8.GetBytes(
                $"{(IsFresh ? "" : "\n")}{LogLine.Mark} {time.GetUtcNow():HH:mm:ss} {text.ReplaceLineEndings(" ")}\n"
            );
            budget.Count(line.Length);
            Append(line);
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

    private bool IsFresh => written == 0 || tail[(int)((written - 1) % TailSize)] == (byte)'\n';

    private bool AppendWithinLimit(ReadOnlySpan<byte> bytes)
    {
        var granted = budget.Ask(bytes.Length);
        Append(bytes[..granted]);
        return granted == bytes.Length;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (joined is null)
            file.Write(bytes);
        else
            lock (joined.gate)
                joined.Append(bytes);
        shown?.Write(bytes);
        var kept = bytes.Length > TailSize ? bytes[^TailSize..] : bytes;
        var position = written + bytes.Length - kept.Length;
        foreach (var value in kept)
            tail[(int)(position++ % TailSize)] = value;
        written += bytes.Length;
        lines += bytes.Count((byte)'\n');
        grew?.Invoke();
    }

    /// <summary>What all logs of an attempt may hold together.</summary>
    private sealed class Budget(long limit)
    {
        private readonly Lock gate = new();
        private long spent;

        /// <summary>True when nothing more may be written.</summary>
        public bool IsSpent
        {
            get
            {
                lock (gate)
                    return spent >= limit;
            }
        }

        /// <summary>How many of some bytes may be written.</summary>
        public int Ask(int bytes)
        {
            lock (gate)
            {
                var granted = (int)Math.Clamp(limit - spent, 0, bytes);
                spent += granted;
                return granted;
            }
        }

        /// <summary>Counts bytes that are written in any case.</summary>
        public void Count(int bytes)
        {
            lock (gate)
                spent += bytes;
        }
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
