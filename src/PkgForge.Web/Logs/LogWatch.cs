using System.Collections.Concurrent;
using System.Threading.Channels;

namespace PkgForge.Web.Logs;

/// <summary>
/// Tells when files of a directory change, by the kernel's own notice: nobody polls. All who watch one directory share one notice.
/// </summary>
internal sealed class LogWatch : IDisposable
{
    /// <summary>
    /// Each directory takes one of the few instances that the kernel gives the farm's user, 128 by default, for all its processes. Those beyond these are not watched: what
    /// happens there is told by the registry, or seen by who looks now and then.
    /// </summary>
    private const int MostDirectories = 64;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Watched> watched = new(StringComparer.Ordinal);

    /// <summary>Watches from its return on. The channel holds one notice at the most.</summary>
    /// <param name="directory">The directory; with those in it where <paramref name="deep"/>.</param>
    /// <param name="deep">With all that is in it.</param>
    /// <returns>Null when there is no such directory, or too many are watched.</returns>
    public LogNotice? Open(string directory, bool deep)
    {
        var key = $"{(deep ? "+" : "-")}{directory}";
        lock (gate)
        {
            if (!watched.TryGetValue(key, out var there))
            {
                if (watched.Count >= MostDirectories || Watched.TryStart(directory, deep) is not { } started)
                    return null;
                watched[key] = there = started;
            }
            return there.Add(() => Close(key));
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var there in watched.Values)
                there.Dispose();
            watched.Clear();
        }
    }

    private void Close(string key)
    {
        lock (gate)
        {
            if (watched.TryGetValue(key, out var there) && there.IsUnused && watched.Remove(key))
                there.Dispose();
        }
    }

    private sealed class Watched : IDisposable
    {
        private readonly FileSystemWatcher watcher;
        private readonly ConcurrentDictionary<LogNotice, bool> notices = [];

        private Watched(string directory, bool deep)
        {
            watcher = new(directory)
            {
                IncludeSubdirectories = deep,
                NotifyFilter =
                    NotifyFilters.LastWrite | NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.Size,
            };
            watcher.Changed += (_, _) => Tell();
            watcher.Created += (_, _) => Tell();
            watcher.Deleted += (_, _) => Tell();
            watcher.Error += (_, _) => Tell();
        }

        /// <summary>Null when there is no such directory, or the kernel gives no more.</summary>
        public static Watched? TryStart(string directory, bool deep)
        {
            if (!Directory.Exists(directory))
                return null;
            var started = new Watched(directory, deep);
            try
            {
                started.watcher.EnableRaisingEvents = true;
                return started;
            }
            catch (IOException)
            {
                started.Dispose();
                return null;
            }
        }

        public bool IsUnused => notices.IsEmpty;

        public LogNotice Add(Action closed)
        {
            LogNotice? notice = null;
            notice = new(() =>
            {
                notices.TryRemove(notice!, out _);
                closed();
            });
            notices[notice] = true;
            return notice;
        }

        public void Dispose() => watcher.Dispose();

        private void Tell()
        {
            foreach (var notice in notices.Keys)
                notice.Tell();
        }
    }
}

/// <summary>Somebody's watch of a directory.</summary>
internal sealed class LogNotice(Action closed) : IDisposable
{
    private readonly Channel<bool> changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    public void Tell() => changed.Writer.TryWrite(true);

    /// <summary>Returns when something has changed since the last return.</summary>
    public async Task WaitAsync(CancellationToken cancel) => await changed.Reader.ReadAsync(cancel);

    public void Dispose() => closed();
}
