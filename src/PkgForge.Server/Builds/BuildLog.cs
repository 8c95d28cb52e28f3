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
    private readonly Budget budget;
    private readonly TimeProvider time;
    private readonly Action? grew;
    private readonly Lock gate = new();
    private readonly byte[] tail = new byte[TailSize];
    private long written;
    private BuildLog? joined;

    /// <param name="path">The file; appended to if it is there.</param>
    /// <param name="limit">Bytes after which builds are stopped. Lines of the farm are always written.</param>
    /// <param name="time">For the times in the farm's lines.</param>
    /// <param name="grew">Called when something was written; it must not block.</param>
    public BuildLog(string path, long limit, TimeProvider time, Action? grew = null)
    {
        (budget, this.time, this.grew) = (new(limit), time, grew);
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

    /// <summary>Takes all that a log beside this one holds, and from now on what is written into it, as it comes.</summary>
    public void Take(BuildLog beside)
    {
        lock (beside.gate)
        {
            if (beside.joined is not null)
                return;
            beside.file.Position = 0;
            var buffer = new byte[64 << 10];
            int read;
            while ((read = beside.file.Read(buffer)) > 0)
                lock (gate)
                    Append(buffer.AsSpan(0, read));
            beside.joined = this;
        }
    }

    /// <summary>Writes a line of the farm's own: what happens next, or what came of it.</summary>
    public void Say(string text)
    {
        lock (gate)
        {
            var fresh = written == 0 || tail[(int)((written - 1) % TailSize)] == (byte)'\n';
            var line = Encoding.UTF8.GetBytes($"{(fresh ? "" : "\n")}==> {time.GetUtcNow():HH:mm:ss} {text}\n");
            budget.Count(line.Length);
            Append(line);
        }
    }

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            var granted = budget.Ask(bytes.Length);
            Append(bytes[..granted]);
            return granted == bytes.Length;
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
        if (joined is null)
            file.Write(bytes);
        else
            lock (joined.gate)
                joined.Append(bytes);
        var kept = bytes.Length > TailSize ? bytes[^TailSize..] : bytes;
        var position = written + bytes.Length - kept.Length;
        foreach (var value in kept)
            tail[(int)(position++ % TailSize)] = value;
        written += bytes.Length;
        grew?.Invoke();
    }

    /// <summary>What all logs of an attempt may hold together.</summary>
    private sealed class Budget(long limit)
    {
        private readonly Lock gate = new();
        private long spent;

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
}
