using Microsoft.Extensions.Logging;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Configuration;
using PkgForge.Server.Handlers;

namespace PkgForge.Cli;

/// <summary>
/// A handler that runs in the process of the server. When it must not run, e.g. because its builder's name is another host's, that is said, and
/// tried again after a while; the server and the other parts go on.
/// </summary>
internal sealed class ServedPart(Func<IHandler> create, Farm farm)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Runs all parts until cancelled. A part that ends by a fault of the program ends the others in good order, and its exception comes out: whoever
    /// looks after the process starts it again, and nobody takes it for whole meanwhile.
    /// </summary>
    /// <returns>True if all ran, or had nothing against it, at the end.</returns>
    public static async Task<bool> RunAllAsync(IEnumerable<ServedPart> parts, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = parts.Select(part => part.RunAsync(stop.Token)).ToList();
        await Task.WhenAny([Task.Delay(Timeout.InfiniteTimeSpan, stop.Token), .. running]);
        ReadyNotice.Stopping();
        await stop.CancelAsync();
        return (await Task.WhenAll(running)).All(well => well);
    }

    /// <summary>Runs it until cancelled. Returns true if it ran, or had nothing against it, at the end.</summary>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        var well = true;
        while (!cancel.IsCancellationRequested)
        {
            await using var handler = create();
            well = await TryAsync(handler, cancel);
            if (!well)
                await Task.Delay(Pause, farm.Time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return well;
    }

    private async Task<bool> TryAsync(IHandler handler, CancellationToken cancel)
    {
        try
        {
            await HandlerLoop.RunDaemonAsync(handler, farm.Log, farm.Time, cancel);
            return true;
        }
        catch (Exception e)
            when (e
                    is ConfigurationException
                        or BuilderRefusedException
                        or RegistrySchemaException
                        or UnauthorizedAccessException
            )
        {
            farm.Log.PartEnded(handler.Name, e.Message, Pause.TotalSeconds);
            return false;
        }
    }
}
