using System.Collections.Concurrent;
using PkgForge.Registry;

namespace PkgForge.Web.Builders;

/// <summary>
/// The tasks that builders of other machines hold. Which builder was given a lease never changes, so it is remembered; whether the lease
/// is still the task's is asked of the registry.
/// </summary>
internal sealed class HeldTasks(ServedFarm farm) : IAsyncDisposable
{
    /// <summary>A task that is worked on is heard of every few seconds.</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Lease, HeldTask> tasks = new();
    private long swept = farm.Time.GetTimestamp();

    /// <summary>Remembers what was claimed.</summary>
    public async Task NoteAsync(ClaimedTask task)
    {
        await ForgetUnusedAsync();
        tasks.TryAdd(task.Lease, new(farm, task));
    }

    /// <summary>
    /// The task that was given to the builder under the lease; null if none was. Whether it is still held must not matter to what
    /// the caller does, or be asked with it. One that has ended, perhaps with a server that ran before this one, is not remembered: nothing
    /// else finds it.
    /// </summary>
    public async Task<HeldTask?> GivenAsync(Lease lease, CancellationToken cancel)
    {
        if (!tasks.TryGetValue(lease, out var held))
            return await AskAsync(lease, cancel)
                ?? (
                    await farm.Registry.FindGivenTaskAsync(lease, cancel) is { } given
                        ? new HeldTask(farm, given)
                        : null
                );
        held.LastUse = farm.Time.GetTimestamp();
        return held;
    }

    /// <summary>The task that the builder holds under the lease; null if it does not.</summary>
    /// <param name="lease">What the request names, and whose token it is.</param>
    /// <param name="age">How old the knowledge may be.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<HeldTask?> FindAsync(Lease lease, TimeSpan age, CancellationToken cancel)
    {
        if (!tasks.TryGetValue(lease, out var held))
            return await AskAsync(lease, cancel);
        held.LastUse = farm.Time.GetTimestamp();
        if (held.Ended is not null)
            return null;
        return farm.Time.GetElapsedTime(held.CheckedAt) <= age ? held : await AskAsync(lease, cancel);
    }

    /// <summary>Forgets a task that is no longer held, and what it has left.</summary>
    public Task DropAsync(HeldTask held) => DropAsync(held.Task.Lease, held);

    /// <summary>A builder has a new process: what an earlier one held is lost, and what it has left goes.</summary>
    public async Task DropOfAsync(string builder)
    {
        foreach (var (lease, held) in tasks)
        {
            if (lease.Builder == builder)
                await DropAsync(lease, held);
        }
    }

    /// <summary>
    /// Takes over the uploads that a server has left that ran before: those of tasks that are held go on, the others are removed.
    /// </summary>
    public async Task TakeOverAsync(CancellationToken cancel)
    {
        foreach (
            var directory in Directory.EnumerateDirectories(farm.Files.Uploads, $"{HeldTask.NamePrefix}*").ToList()
        )
        {
            // Of a lease that is not held, asking has removed it.
            var held =
                HeldTask.LeaseOf(Path.GetFileName(directory)) is { } lease && await AskAsync(lease, cancel) is not null;
            if (!held)
                HeldTask.Remove(directory);
        }
    }

    /// <summary>Now and then: a claim does not look at all that were claimed before it.</summary>
    private async Task ForgetUnusedAsync()
    {
        var last = Volatile.Read(ref swept);
        var now = farm.Time.GetTimestamp();
        if (
            farm.Time.GetElapsedTime(last, now) < SweepEvery
            || Interlocked.CompareExchange(ref swept, now, last) != last
        )
            return;
        foreach (var (lease, held) in tasks)
        {
            if (farm.Time.GetElapsedTime(held.LastUse) > Unused)
                await DropAsync(lease, held);
        }
    }

    /// <summary>Uploads of tasks that are held stay: their builders go on with the server that runs next.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (lease, held) in tasks)
        {
            if (held.Ended is null && await IsHeldAsync(lease))
                await held.CloseAsync();
            else
                await DropAsync(lease, held);
        }
    }

    /// <summary>Also when nobody can say: the server that runs next will ask.</summary>
    private async Task<bool> IsHeldAsync(Lease lease)
    {
        try
        {
            return await farm.Registry.FindHeldTaskAsync(lease, CancellationToken.None) is not null;
        }
        catch (Exception e)
            when (e is FarmUnavailableException or RegistrySchemaException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private async Task<HeldTask?> AskAsync(Lease lease, CancellationToken cancel)
    {
        var asked = farm.Time.GetTimestamp();
        if (await farm.Registry.FindHeldTaskAsync(lease, cancel) is not { } claimed)
        {
            if (!tasks.TryGetValue(lease, out var lost))
                HeldTask.Remove(Path.Combine(farm.Files.Uploads, HeldTask.NameOf(lease)));
            else if (lost.Ended is null)
                await DropAsync(lost);
            return null;
        }
        var held = tasks.GetOrAdd(lease, _ => new(farm, claimed));
        held.CheckedAt = asked;
        return held;
    }

    private async Task DropAsync(Lease lease, HeldTask held)
    {
        tasks.TryRemove(new(lease, held));
        await held.DisposeAsync();
    }
}
