using PkgForge.Registry;
using PkgForge.Registry.Builders;

namespace PkgForge.Server.Builders;

/// <summary>
/// Where one builder waits: for the registry's wake-up, or until somebody of this process rings. What rings between two
/// waits ends the next one at once. A second wait takes the place of the first, whose waiter is gone: its
/// connection was cut.
/// </summary>
internal sealed class WaitingPlace : IAsyncDisposable
{
    private readonly IWakeUp wakeUp;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stop = new();
    private readonly Task hearing;
    private readonly Lock gate = new();

    private TaskCompletionSource<bool>? waiter;
    private string? refusal;
    private bool rung;
    private bool closed;
    private long seen;

    public WaitingPlace(IWakeUp wakeUp, TimeProvider time)
    {
        (this.wakeUp, this.time) = (wakeUp, time);
        seen = time.GetTimestamp();
        hearing = HearAsync();
    }

    /// <summary>For how long nobody has waited here.</summary>
    public TimeSpan Idle
    {
        get
        {
            lock (gate)
                return waiter is null ? time.GetElapsedTime(seen) : TimeSpan.Zero;
        }
    }

    /// <summary>Returns true when it was woken, or is closed; false when the time is up or another wait has begun here.</summary>
    /// <exception cref="BuilderRefusedException">As <see cref="Refuse"/> said.</exception>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        var mine = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            waiter?.TrySetResult(false);
            waiter = mine;
            if (rung || closed || refusal is not null)
                Answer();
        }
        try
        {
            return await mine.Task.WaitAsync(atMost, time, cancel);
        }
        catch (TimeoutException)
        {
            return GiveUp(mine);
        }
        catch (OperationCanceledException)
        {
            if (GiveUp(mine))
                Ring();
            throw;
        }
    }

    /// <summary>Wakes who waits here, or the next one who comes.</summary>
    public void Ring()
    {
        lock (gate)
        {
            rung = true;
            Answer();
        }
    }

    /// <summary>Whoever waits here, now or later, may not go on.</summary>
    public void Refuse(string why)
    {
        lock (gate)
        {
            refusal = why;
            Answer();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (closed)
                return;
            closed = true;
            Answer();
        }
        await stop.CancelAsync();
        await hearing;
        await wakeUp.DisposeAsync();
        stop.Dispose();
    }

    /// <summary>Under the lock: gives who waits here what there is for him.</summary>
    private void Answer()
    {
        if (waiter is null)
            return;
        if (refusal is not null)
            waiter.TrySetException(new BuilderRefusedException(refusal));
        else
            waiter.TrySetResult(true);
        (waiter, rung) = (null, false);
        seen = time.GetTimestamp();
    }

    /// <summary>Ends a wait from the waiter's side. Returns true when it was woken in this very moment.</summary>
    private bool GiveUp(TaskCompletionSource<bool> mine)
    {
        lock (gate)
        {
            seen = time.GetTimestamp();
            if (waiter == mine)
                waiter = null;
        }
        return mine.Task is { IsCompletedSuccessfully: true, Result: true };
    }

    private async Task HearAsync()
    {
        try
        {
            while (true)
            {
                if (await wakeUp.WaitAsync(Timeout.InfiniteTimeSpan, stop.Token))
                    Ring();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The place is closed.
        }
    }
}
