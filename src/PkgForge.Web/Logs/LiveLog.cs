using PkgForge.Logs;
using PkgForge.Registry;

namespace PkgForge.Web.Logs;

/// <summary>
/// The log of an attempt while somebody watches it. What is new is found out, and read, once for all who watch; its last bytes are kept, and its last
/// lines as they were last sent, so that a further watcher costs no more than his connection.
/// </summary>
internal sealed class LiveLog
{
    private const int MostKept = 64 << 10;

    private readonly Lock gate = new();
    private readonly byte[] kept = new byte[MostKept];
    private readonly string path;
    private readonly LogIndex index;
    private LogFile? log;
    private long keptFrom;
    private long length;
    private bool ended;
    private Exception? trouble;
    private long version;
    private TaskCompletionSource changed = NewSource();
    private LogLines? lines;

    /// <param name="path">The log's plain form.</param>
    /// <param name="index">Knows its lines.</param>
    public LiveLog(string path, LogIndex index) => (this.path, this.index) = (path, index);

    /// <summary>How many watch it; its owner's to count.</summary>
    public int Watchers { get; set; }

    /// <summary>It cannot go on.</summary>
    public bool HasFailed
    {
        get
        {
            lock (gate)
                return trouble is not null;
        }
    }

    /// <summary>Finds out what is new until the attempt has ended, or it is given up, or cannot go on: then that comes out at those who watch.</summary>
    /// <param name="open">Opens what it is told by.</param>
    /// <param name="isRunning">Asks the registry whether the attempt still runs.</param>
    /// <param name="silence">How long it waits to be told before it asks.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task RunAsync(
        Func<CancellationToken, Task<(IWakeUp WakeUp, LogNotice? Notice)>> open,
        Func<CancellationToken, Task<bool>> isRunning,
        TimeSpan silence,
        CancellationToken cancel
    )
    {
        try
        {
            var (wakeUp, notice) = await open(cancel);
            await using var first = wakeUp;
            using var second = notice;
            var news = new News(wakeUp, notice);
            for (var told = Told.Registry; !ended; told = await news.WaitAsync(silence, cancel))
            {
                // Asked before the log is read: what was written before the end is then read, too.
                var over = told != Told.Files && !await isRunning(cancel);
                Read(over);
                if (over)
                    return;
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Stop(e);
        }
        finally
        {
            lock (gate)
                log?.Dispose();
        }
    }

    /// <summary>Waits until there is more than somebody has seen.</summary>
    /// <param name="seen">What the last call returned; 0 at first.</param>
    /// <param name="atMost">No longer.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>What to say that one has seen, and whether the attempt has ended.</returns>
    /// <exception cref="TimeoutException">There was nothing for so long.</exception>
    public async Task<(long Seen, bool Ended)> WaitAsync(long seen, TimeSpan atMost, CancellationToken cancel)
    {
        while (true)
        {
            Task more;
            lock (gate)
            {
                if (trouble is not null)
                    throw trouble;
                if (version != seen)
                    return (version, ended);
                more = changed.Task;
            }
            await more.WaitAsync(atMost, cancel);
        }
    }

    /// <summary>Copies bytes that are kept.</summary>
    /// <returns>How many; 0 when there are none from there on; null when they are not kept any more: the log has them.</returns>
    public int? Copy(long offset, Span<byte> to)
    {
        lock (gate)
        {
            if (offset < keptFrom)
                return null;
            if (offset >= length)
                return 0;
            var count = (int)Math.Min(to.Length, length - offset);
            kept.AsSpan((int)(offset - keptFrom), count).CopyTo(to);
            return count;
        }
    }

    /// <summary>Lines from one on, as they are sent; none when there are none yet. Who asks for what another has asked for gets the same.</summary>
    public LogLines LinesFrom(long first)
    {
        lock (gate)
        {
            if (lines is not null && lines.First == first && lines.Version == version)
                return lines;
            return lines = LogLines.Read(index, first, ended, version);
        }
    }

    private void Read(bool over)
    {
        TaskCompletionSource told;
        lock (gate)
        {
            log ??= LogFile.TryOpen(path);
            if (log is not null)
                Keep(log);
            (ended, version) = (over, version + 1);
            (told, changed) = (changed, NewSource());
        }
        told.TrySetResult();
    }

    private void Keep(LogFile from)
    {
        var now = from.Length;
        if (now <= length)
            return;
        if (now - length > MostKept / 2)
            // Who watches reads that from the log.
            (keptFrom, length) = (now - MostKept / 2, now - MostKept / 2);
        if (now - keptFrom > MostKept)
        {
            var stay = (int)Math.Min(length - keptFrom, MostKept / 2);
            kept.AsSpan((int)(length - keptFrom) - stay, stay).CopyTo(kept);
            keptFrom = length - stay;
        }
        length += from.Fill(kept.AsSpan((int)(length - keptFrom), (int)(now - length)), length);
    }

    private void Stop(Exception e)
    {
        TaskCompletionSource told;
        lock (gate)
            (trouble, told) = (e, changed);
        told.TrySetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
