using PkgForge.Registry;

namespace PkgForge.Web.Logs;

/// <summary>What somebody who waits was told.</summary>
internal enum Told
{
    /// <summary>Nothing for so long.</summary>
    Nothing,

    /// <summary>Files have changed.</summary>
    Files,

    /// <summary>The registry says that some task has come or ended.</summary>
    Registry,
}

/// <summary>Waits for the registry's notice and the file system's, whichever comes first.</summary>
internal sealed class News(IWakeUp wakeUp, LogNotice? notice)
{
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<Told> WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var registry = wakeUp.WaitAsync(atMost, enough.Token);
        var files = notice?.WaitAsync(enough.Token) ?? Task.Delay(Timeout.InfiniteTimeSpan, enough.Token);
        await Task.WhenAny(registry, files);
        await enough.CancelAsync();
        await Task.WhenAll(Ended(registry), Ended(files));
        cancel.ThrowIfCancellationRequested();
        return registry.IsCompletedSuccessfully && await registry ? Told.Registry
            : files.IsCompletedSuccessfully ? Told.Files
            : Told.Nothing;
    }

    private static async Task Ended(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
