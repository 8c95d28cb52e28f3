using System.Threading.Channels;
using PkgForge.Jobs;
using PkgForge.Logs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Handlers;
using PkgForge.Spool;

namespace PkgForge.Server.Builders;

/// <summary>
/// Gives the logs of attempts that have ended their stored form, one after the other, beside other work: nobody's end, and nobody's begin, waits for it. What
/// processes have left undone that died, and the logs of attempts that were lost, are found by their notes (<see cref="UnstoredLogs"/>).
/// </summary>
internal sealed class LogStorage : IAsyncDisposable
{
    /// <summary>Notes are looked through no more often.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(2);

    /// <summary>How long a process that ends goes on with it. The next one does the rest.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Farm farm;
    private readonly UnstoredLogs notes;
    private readonly Channel<Func<Task>> work = Channel.CreateUnbounded<Func<Task>>();
    private readonly CancellationTokenSource stop = new();
    private readonly Task working;
    private long lastLook;
    private int lookIsDue;

    public LogStorage(Farm farm)
    {
        (this.farm, notes) = (farm, new(farm.Spool.Results));
        working = Task.Run(WorkAsync);
        Look();
    }

    /// <summary>
    /// An attempt begins: its log is to be stored one day. The note is there when this returns, before the first byte of the log, so that no death of this process
    /// leaves a log of which nobody knows.
    /// </summary>
    public void Begun(ClaimedTask task)
    {
        try
        {
            notes.Add(Begin(task));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays plain when this process dies before its end.
            farm.Log.LogNotStored(e.Message);
        }
    }

    /// <summary>Whether this very claim has begun the attempt before.</summary>
    public bool HasBegun(ClaimedTask task) => notes.Has(Begin(task));

    /// <summary>An attempt has ended: nobody writes its log any more.</summary>
    public void Ended(ClaimedTask task) => Do(() => StoreAsync(Begin(task)));

    /// <summary>Looks for what was left undone.</summary>
    public void Look()
    {
        // Builders that come all at once are one reason to look.
        if (Interlocked.Exchange(ref lookIsDue, 1) == 0)
            Do(LookAsync);
    }

    /// <summary>The same, if that was not done lately.</summary>
    public void LookNowAndThen()
    {
        if (farm.Time.GetElapsedTime(Interlocked.Read(ref lastLook)) >= LookEvery)
            Look();
    }

    /// <summary>Ends what is to be done; what takes too long stays for the next process.</summary>
    public async ValueTask DisposeAsync()
    {
        work.Writer.TryComplete();
        stop.CancelAfter(Patience);
        await working;
        stop.Dispose();
    }

    private void Do(Func<Task> what) => work.Writer.TryWrite(what);

    private async Task WorkAsync()
    {
        await foreach (var what in work.Reader.ReadAllAsync(CancellationToken.None))
        {
            if (!stop.IsCancellationRequested)
                await TryAsync(what);
        }
    }

    private async Task TryAsync(Func<Task> what)
    {
        try
        {
            await what();
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or FarmFaultException
                        or FarmUnavailableException
                        or RegistrySchemaException
            )
        {
            // It stays plain, and noted.
            farm.Log.LogNotStored(e.Message);
        }
    }

    private async Task LookAsync()
    {
        Interlocked.Exchange(ref lastLook, farm.Time.GetTimestamp());
        Interlocked.Exchange(ref lookIsDue, 0);
        foreach (var begun in notes.All())
        {
            if (await IsRunningAsync(begun))
                continue;
            // One that cannot be stored is not in the way of the others.
            await TryAsync(() => StoreAsync(begun));
        }
    }

    private async Task StoreAsync(BegunAttempt begun)
    {
        var log = new AttemptDirectory(farm.Spool.Results.PathOf(begun.Job, begun.Platform, begun.Attempt)).Log;
        if (await LogStoring.StoreAsync(log, stop.Token))
            notes.Remove(begun);
    }

    private async Task<bool> IsRunningAsync(BegunAttempt begun) =>
        (await farm.Registry.FindJobAsync(begun.Job, stop.Token))
            ?.Tasks.FirstOrDefault(task => task.Platform == begun.Platform)
            ?.Attempts.FirstOrDefault(attempt => attempt.Number == begun.Attempt)
            ?.Outcome == AttemptOutcome.Running;

    private static BegunAttempt Begin(ClaimedTask task) =>
        new(task.Job, task.Platform, task.Attempt, task.Lease.Session, task.Builder);
}
