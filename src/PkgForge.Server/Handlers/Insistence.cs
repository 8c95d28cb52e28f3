using Microsoft.Extensions.Logging;
using PkgForge.Registry;

namespace PkgForge.Server.Handlers;

/// <summary>
/// A farm that is away for longer than one call waits does not cost the work of hours: it is asked until it answers, and its
/// answer says whether the lease still held. Once this process is to stop, one more try is all.
/// </summary>
internal sealed class Insistence(BuilderSite site, ClaimedTask claimed, TimeSpan pause, CancellationToken stopping)
{
    public async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancel = default)
    {
        while (true)
        {
            try
            {
                cancel.ThrowIfCancellationRequested();
                return await ask();
            }
            catch (FarmUnavailableException e) when (!stopping.IsCancellationRequested)
            {
                site.Log.NoHeartbeat(claimed.Job.ToString(), claimed.Platform.ToString(), e.Message);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancel);
                await Task.Delay(pause, site.Time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public Task AskAsync(Func<Task> ask, CancellationToken cancel = default) =>
        AskAsync(
            async () =>
            {
                await ask();
                return true;
            },
            cancel
        );
}
