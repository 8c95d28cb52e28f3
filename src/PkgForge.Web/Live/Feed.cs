using System.Runtime.ExceptionServices;
using PkgForge.Registry;

namespace PkgForge.Web.Live;

/// <summary>
/// Looks at something once for all who want to be told of it, whenever there are news. Those who are told wait for the next moment; who is slow misses moments, but never the last.
/// </summary>
/// <typeparam name="T">How the thing is at a moment.</typeparam>
internal abstract class Feed<T> : IAsyncDisposable
    where T : class
{
    /// <summary>How long a registry that is away is left alone.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private TaskCompletionSource next = NewMoment();
    private Task? running;
    private T? current;
    private int disposed;
    private ExceptionDispatchInfo? fault;

    /// <summary>So many want to be told.</summary>
    public int Users { get; set; }

    /// <summary>It looks no more: what it has said last stays so, or it failed.</summary>
    public bool HasEnded => running is { IsCompleted: true };

    public void Start() => running = Task.Run(RunAsync);

    /// <summary>How the thing is now, if that is another than <paramref name="known"/>; or else as soon as it is. Null when nothing has happened for so long.</summary>
    public async Task<T?> NextAsync(T? known, TimeSpan atMost, TimeProvider time, CancellationToken cancel)
    {
        Task change;
        lock (gate)
        {
            if (!ReferenceEquals(current, known))
                return current;
            fault?.Throw();
            change = next.Task;
        }
        try
        {
            await change.WaitAsync(atMost, time, cancel);
        }
        catch (TimeoutException)
        {
            return null;
        }
        lock (gate)
        {
            if (ReferenceEquals(current, known))
                fault?.Throw();
            return current;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // By who was the last to be told, and by who ends them all.
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        await stop.CancelAsync();
        if (running is not null)
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    /// <summary>Looks, and says what it sees, until there is nothing more to be seen.</summary>
    protected abstract Task LookAsync(CancellationToken cancel);

    /// <summary>Says how the thing is.</summary>
    protected void Tell(T moment)
    {
        TaskCompletionSource told;
        lock (gate)
        {
            current = moment;
            (told, next) = (next, NewMoment());
        }
        told.SetResult();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                try
                {
                    await LookAsync(stop.Token);
                    return;
                }
                catch (FarmUnavailableException) when (current is not null)
                {
                    // Those who were told something wait; it is looked at again when the registry is back.
                    await Task.Delay(Pause, stop.Token);
                }
            }
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
    }

    private void Fail(Exception e)
    {
        lock (gate)
            fault = ExceptionDispatchInfo.Capture(e);
        next.TrySetResult();
    }

    private static TaskCompletionSource NewMoment() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
