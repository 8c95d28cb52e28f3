using PkgForge.Registry.Sql;

namespace PkgForge.Registry.Sqlite;

/// <summary>
/// The file beside the database that is written after tasks were registered or put back, and watched by those who wait
/// for tasks, by one watch for all of a process. Only a hint: where it cannot be written, waiting builders look after their longest wait.
/// </summary>
internal sealed class WakeFile(string path, TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly HashSet<Place> places = [];
    private FileSystemWatcher? watcher;

    /// <summary>Makes the file, with the mode of the database, whose users are the same.</summary>
    public void CreateFor(string database)
    {
        if (File.Exists(path))
            return;
        Touch();
        if (!OperatingSystem.IsWindows() && File.Exists(path))
            File.SetUnixFileMode(path, File.GetUnixFileMode(database));
    }

    public void Touch()
    {
        try
        {
            File.WriteAllBytes(path, "wake\n"u8.ToArray());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What it announces is committed.
        }
    }

    /// <summary>Watches from now on.</summary>
    public IWakeUp Listen()
    {
        var place = new Place(this, clock);
        lock (gate)
        {
            watcher ??= Watch();
            places.Add(place);
        }
        return place;
    }

    private FileSystemWatcher Watch()
    {
        var watch = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path))
        {
            NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.FileName,
        };
        watch.Changed += (_, _) => Wake();
        watch.Created += (_, _) => Wake();
        watch.Renamed += (_, _) => Wake();
        // Events were lost: something may have been registered.
        watch.Error += (_, _) => Wake();
        watch.EnableRaisingEvents = true;
        return watch;
    }

    private void Wake()
    {
        lock (gate)
        {
            foreach (var place in places)
                place.Signal.Set();
        }
    }

    private void Close(Place place)
    {
        FileSystemWatcher? last = null;
        lock (gate)
        {
            if (places.Remove(place) && places.Count == 0)
                (last, watcher) = (watcher, null);
        }
        last?.Dispose();
    }

    private sealed class Place(WakeFile file, TimeProvider clock) : IWakeUp
    {
        public Signal Signal { get; } = new(clock);

        public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancel) => Signal.WaitAsync(atMost, cancel);

        public ValueTask DisposeAsync()
        {
            file.Close(this);
            return ValueTask.CompletedTask;
        }
    }
}
