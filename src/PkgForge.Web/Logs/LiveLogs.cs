using PkgForge.Registry;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Logs;

/// <summary>The logs that are watched now: one <see cref="LiveLog"/> for each, whoever and however many watch.</summary>
internal sealed class LiveLogs(ServedFarm farm, LogIndexes indexes, LogWatch watch, CancellationToken stopping)
{
    /// <summary>The registry is asked whether the attempt still runs, though nobody has said that it has ended.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (LiveLog Log, CancellationTokenSource Stop)> watched = new(
        StringComparer.Ordinal
    );

    /// <summary>Watches a log, until what this returns is disposed.</summary>
    public Watching Open(AddressedAttempt found)
    {
        var directory = ResultFiles.DirectoryOf(farm, found);
        lock (gate)
        {
            // One that could not go on is of no use to who comes now; those who have it still, leave it.
            if (!watched.TryGetValue(directory.Path, out var there) || there.Log.HasFailed)
            {
                there.Stop?.Dispose();
                watched[directory.Path] = there = Start(found, directory.Path, directory.Log);
            }
            there.Log.Watchers++;
            return new(this, directory.Path, there.Log);
        }
    }

    private (LiveLog, CancellationTokenSource) Start(AddressedAttempt found, string directory, string path)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var log = new LiveLog(path, indexes.Of(path));
        var token = stop.Token;
        _ = Task.Run(
            () =>
                log.RunAsync(
                    async cancel =>
                        (await farm.Registry.ListenAsync(Topic.Jobs, cancel), watch.Open(directory, deep: false)),
                    cancel => IsRunningAsync(found, cancel),
                    Silence,
                    token
                ),
            CancellationToken.None
        );
        return (log, stop);
    }

    private async Task<bool> IsRunningAsync(AddressedAttempt found, CancellationToken cancel) =>
        (await farm.Registry.FindJobAsync(found.Detail.Job.Id, cancel))
            ?.Tasks.FirstOrDefault(task => task.Platform == found.Task.Platform)
            ?.Attempts.FirstOrDefault(a => a.Number == found.Attempt.Number)
            ?.Outcome == AttemptOutcome.Running;

    private void Close(string key, LiveLog log)
    {
        CancellationTokenSource last;
        lock (gate)
        {
            if (--log.Watchers > 0 || !watched.TryGetValue(key, out var there) || there.Log != log)
                return;
            watched.Remove(key);
            last = there.Stop;
        }
        last.Cancel();
        last.Dispose();
    }

    /// <summary>Somebody's watch of a log.</summary>
    internal sealed class Watching(LiveLogs all, string key, LiveLog log) : IDisposable
    {
        public LiveLog Log => log;

        public void Dispose() => all.Close(key, log);
    }
}
