using System.Text;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds;

/// <summary>
/// The log of one attempt: everything that its tools print, between lines of the farm that begin with <c>==&gt;</c>. It is
/// written as it comes, so that a crash keeps what there was; and it is bounded.
/// </summary>
public sealed class BuildLog : IOutput, IDisposable
{
    /// <summary>How much of the end of the log is kept in memory to find the cause of a failure.</summary>
    private const int TailSize = 64 << 10;

    private readonly FileStream file;
    private readonly long limit;
    private readonly TimeProvider time;
    private readonly Action? grew;
    private readonly Stream? shown;
    private readonly Lock gate = new();
    private readonly byte[] tail = new byte[TailSize];
    private long written;

    /// <param name="path">The file; appended to if it is there.</param>
    /// <param name="limit">Bytes after which builds are stopped. Lines of the farm are always written.</param>
    /// <param name="time">For the times in the farm's lines.</param>
    /// <param name="grew">Called when something was written; it must not block.</param>
    /// <param name="shown">Takes the same as the file, for somebody who watches; it stays the caller's.</param>
    public BuildLog(string path, long limit, TimeProvider time, Action? grew = null, Stream? shown = null)
    {
        (this.limit, this.time, this.grew, this.shown) = (limit, time, grew, shown);
        file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    /// <summary>Writes a line of the farm's own: what happens next, or what came of it.</summary>
    public void Say(string text)
    {
        lock (gate)
        {
            var fresh = written == 0 || tail[(int)((written - 1) % TailSize)] == (byte)'\n';
            Append(Encoding.UTF8.GetBytes($"{(fresh ? "" : "\n")}==> {time.GetUtcNow():HH:mm:ss} {text}\n"));
        }
    }

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            var room = Math.Max(0, limit - written);
            Append(bytes.Length <= room ? bytes : bytes[..(int)room]);
            return bytes.Length <= room;
        }
    }

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyList<string> LastLines()
    {
        lock (gate)
        {
            var size = (int)Math.Min(written, TailSize);
            var text = new byte[size];
            for (var i = 0; i < size; i++)
                text[i] = tail[(int)((written - size + i) % TailSize)];
            return Encoding.UTF8.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void Append(ReadOnlySpan<byte> bytes)
    {
        file.Write(bytes);
        shown?.Write(bytes);
        var kept = bytes.Length > TailSize ? bytes[^TailSize..] : bytes;
        var position = written + bytes.Length - kept.Length;
        foreach (var value in kept)
            tail[(int)(position++ % TailSize)] = value;
        written += bytes.Length;
        grew?.Invoke();
    }
}
