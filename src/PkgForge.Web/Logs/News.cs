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
    // Kept from wait to wait: files may change a thousand times a second.
    private Task? registry;
    private Task? files;

    /// <exception cref="OperationCanceledException">It was given up; no other wait may follow.</exception>
    public async Task<Told> WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        registry ??= wakeUp.WaitAsync(Timeout.InfiniteTimeSpan, cancel);
        files ??= notice?.WaitAsync(cancel) ?? Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        try
        {
            await await Task.WhenAny(registry, files).WaitAsync(atMost, cancel);
        }
        catch (TimeoutException)
        {
            return Told.Nothing;
        }
        if (registry.IsCompleted)
        {
            await registry;
            registry = null;
            return Told.Registry;
        }
        files = null;
        return Told.Files;
    }
}
