using System.Collections.Concurrent;
using PkgForge.Registry;
using PkgForge.Server.Handlers;

namespace PkgForge.Server.Builders;

/// <summary>Where builders wait, while they build, for what users ask of their tasks.</summary>
internal sealed class RequestPlaces(Farm farm) : IAsyncDisposable
{
    /// <summary>Who has not waited for so long has vanished, or his task has gone to another.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<Lease, WaitingPlace> places = new();

    public async Task WaitAsync(ClaimedTask task, TimeSpan atMost, CancellationToken cancel)
    {
        if (!places.TryGetValue(task.Lease, out var place))
            place = await OpenAsync(task, cancel);
        await place.WaitAsync(atMost, cancel);
    }

    /// <summary>The task has ended.</summary>
    public async ValueTask CloseAsync(Lease lease)
    {
        if (places.TryRemove(lease, out var place))
            await place.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lease in places.Keys)
            await CloseAsync(lease);
    }

    private async Task<WaitingPlace> OpenAsync(ClaimedTask task, CancellationToken cancel)
    {
        foreach (var (lease, old) in places)
        {
            if (old.Idle > Forgotten)
                await CloseAsync(lease);
        }
        var opened = new WaitingPlace(await farm.Registry.ListenAsync(Topic.Requests(task.Builder), cancel), farm.Time);
        if (places.TryAdd(task.Lease, opened))
            return opened;
        await opened.DisposeAsync();
        return opened;
    }
}
