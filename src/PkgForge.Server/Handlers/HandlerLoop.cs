using Microsoft.Extensions.Logging;
using PkgForge.Registry;

namespace PkgForge.Server.Handlers;

/// <summary>Runs a handler: once, until there is nothing more to do; or as a daemon, until it is told to stop.</summary>
public static class HandlerLoop
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>Work goes on soon after what was away is there again.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Passes until one finds nothing to do.</summary>
    public static async Task RunOnceAsync(IHandler handler, CancellationToken cancel)
    {
        await handler.StartAsync(cancel);
        while (await handler.RunPassAsync(cancel))
        {
            // Each pass says whether there may be more.
        }
    }

    /// <summary>
    /// Passes and waits until cancelled. A lost database or a full disk is reported, and tried again after a pause that
    /// grows to five seconds: a daemon does not die of what will pass.
    /// </summary>
    public static async Task RunDaemonAsync(IHandler handler, ILogger log, TimeProvider time, CancellationToken cancel)
    {
        var pause = FirstPause;
        var started = false;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                if (!started)
                    await handler.StartAsync(cancel);
                if (!started)
                    log.Started(handler.Name);
                started = true;
                if (!await handler.RunPassAsync(cancel))
                    await handler.WaitAsync(cancel);
                pause = FirstPause;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
                when (e is FarmUnavailableException or IOException or UnauthorizedAccessException or FarmFaultException)
            {
                log.TroubleGoingOn(handler.Name, e.Message, pause.TotalSeconds);
                await Task.Delay(pause, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }
        log.Stopped(handler.Name);
    }
}
