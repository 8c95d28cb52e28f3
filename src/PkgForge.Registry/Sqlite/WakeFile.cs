using PkgForge.Registry.Sql;

namespace PkgForge.Registry.Sqlite;

/// <summary>
/// The file beside the database that is written after tasks were registered or put back, and watched by those who wait
/// for tasks. Only a hint: where it cannot be written, waiting builders look after their longest wait.
/// </summary>
internal sealed class WakeFile(string path, TimeProvider clock)
{
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
    public IWakeUp Listen() => new Watch(path, clock);

    private sealed class Watch : IWakeUp
    {
        private readonly FileSystemWatcher watcher;
        private readonly Signal signal;

        public Watch(string path, TimeProvider clock)
        {
            signal = new(clock);
            watcher = new(Path.GetDirectoryName(path)!, Path.GetFileName(path))
            {
                NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.FileName,
            };
            watcher.Changed += (_, _) => signal.Set();
            watcher.Created += (_, _) => signal.Set();
            watcher.Renamed += (_, _) => signal.Set();
            // Events were lost: something may have been registered.
            watcher.Error += (_, _) => signal.Set();
            watcher.EnableRaisingEvents = true;
        }

        public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancel) => signal.WaitAsync(atMost, cancel);

        public ValueTask DisposeAsync()
        {
            watcher.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
