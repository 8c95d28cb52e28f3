using PkgForge.Registry.Builders;

namespace PkgForge.Web.Builders;

/// <summary>
/// Lets one through at a time, and the last one first: whoever comes ends the one that is in, and takes its place. For requests of one
/// caller, of which an earlier one may hang on a connection that is dead without anybody having noticed.
/// </summary>
internal sealed class Turnstile
{
    private readonly Lock gate = new();
    private CancellationTokenSource? inside;
    private Task last = Task.CompletedTask;
    private bool closed;

    /// <summary>Goes through.</summary>
    /// <exception cref="OperationCanceledException">The caller has given up, or a later one has come.</exception>
    /// <exception cref="LeaseLostException">It is closed.</exception>
    public async Task<T> TakeOverAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancel)
    {
        using var mine = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = Enter(mine, done.Task);
        try
        {
            await before.WaitAsync(mine.Token);
            return await work(mine.Token);
        }
        finally
        {
            Leave(mine);
            // The next one waits for whoever is in, also when this one did not.
            _ = before.ContinueWith(_ => done.SetResult(), CancellationToken.None, default, TaskScheduler.Default);
        }
    }

    /// <summary>Ends the one that is in, and lets nobody through any more.</summary>
    public Task CloseAsync()
    {
        lock (gate)
        {
            closed = true;
            _ = inside?.CancelAsync();
            return last;
        }
    }

    private Task Enter(CancellationTokenSource mine, Task done)
    {
        lock (gate)
        {
            if (closed)
                throw new LeaseLostException("the task has ended");
            _ = inside?.CancelAsync();
            (inside, var before, last) = (mine, last, done);
            return before;
        }
    }

    private void Leave(CancellationTokenSource mine)
    {
        lock (gate)
        {
            if (inside == mine)
                inside = null;
        }
    }
}
