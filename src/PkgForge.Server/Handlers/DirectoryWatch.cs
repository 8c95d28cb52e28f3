namespace PkgForge.Server.Handlers;

/// <summary>Wakes a handler when something appears in a directory (inotify).</summary>
internal sealed class DirectoryWatch : IDisposable
{
    private readonly FileSystemWatcher watcher;
    private readonly SemaphoreSlim changed = new(0, 1);

    public DirectoryWatch(string path)
    {
        watcher = new(path) { NotifyFilter = NotifyFilters.DirectoryName | NotifyFilters.FileName };
        watcher.Created += (_, _) => Wake();
        watcher.Renamed += (_, _) => Wake();
        // The queue of events overran: something has changed, that is all that is asked.
        watcher.Error += (_, _) => Wake();
        watcher.EnableRaisingEvents = true;
    }

    /// <summary>Returns when something has appeared since the last return, or after the time.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancel) => changed.WaitAsync(atMost, cancel);

    public void Dispose()
    {
        watcher.Dispose();
        changed.Dispose();
    }

    private void Wake()
    {
        try
        {
            changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is to be woken already.
        }
    }
}
