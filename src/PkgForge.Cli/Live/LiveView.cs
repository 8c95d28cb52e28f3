using PkgForge.Web.Live;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace PkgForge.Cli.Live;

/// <summary>Draws again in its place what has changed, on a terminal that can do that.</summary>
internal static class LiveView
{
    /// <summary>How long something takes goes on without any news.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>Whether what is printed goes to such a terminal.</summary>
    public static bool IsPossible => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;

    /// <param name="events">What happens.</param>
    /// <param name="apply">Takes it in.</param>
    /// <param name="draw">How things are now.</param>
    /// <param name="cancel">Enough.</param>
    public static Task RunAsync(
        IAsyncEnumerable<FarmEvent> events,
        Action<FarmEvent> apply,
        Func<IRenderable> draw,
        CancellationToken cancel
    ) =>
        AnsiConsole
            .Live(draw())
            .StartAsync(async view =>
            {
                var news = events.GetAsyncEnumerator(cancel);
                var next = news.MoveNextAsync().AsTask();
                try
                {
                    while (true)
                    {
                        await Task.WhenAny(next, Task.Delay(Tick, cancel));
                        if (next.IsCompleted)
                        {
                            if (!await next)
                                break;
                            apply(news.Current);
                            next = news.MoveNextAsync().AsTask();
                        }
                        cancel.ThrowIfCancellationRequested();
                        view.UpdateTarget(draw());
                    }
                    view.UpdateTarget(draw());
                }
                finally
                {
                    await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    await news.DisposeAsync();
                }
            });
}
