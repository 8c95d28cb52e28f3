using PkgForge.Native;

namespace PkgForge.Server.Builds.Roots;

/// <summary>Layers that go: because there is no room for them, or because they are not what they were.</summary>
public sealed partial class LayerStore
{
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(30);

    /// <summary>
    /// Removes the layers that were not used for the longest time, until the rest is within a budget. What is in use stays, and what was used within the hour: whoever has just been told of a layer
    /// may not hold it yet. What lies over a dependency layer that is gone goes as well, and so do notes that led to nothing for a month. One builder of the machine does it at a time: to two of them each layer that the other is about to
    /// remove would look used, and they would remove more than is too much.
    /// </summary>
    public async Task EvictAsync(long budgetInBytes, CancellationToken cancel)
    {
        using var turn = Notes.TryLock("eviction");
        if (turn is null)
            return;
        await CleanAsync(cancel);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        // Who uses a layer uses those below it, and notes so after it; within the same tick, too, the upper ones go first.
        var layers = Directory
            .EnumerateDirectories(Layers)
            .Select(path => (Name: Path.GetFileName(path), Used: LastUse(path), Size: LayerSeal.SizeOf(path)))
            .OrderBy(layer => layer.Used)
            .ThenBy(layer => BelowOf(layer.Name) is null)
            .ToList();
        var size = layers.Sum(layer => layer.Size);
        foreach (var layer in layers.TakeWhile(layer => layer.Used < now - Fresh))
        {
            if (size <= budgetInBytes)
                break;
            if (await RemoveUnusedAsync(layer.Name, cancel))
                size -= layer.Size;
        }
        foreach (var layer in layers.Where(layer => Directory.Exists(Root(layer.Name)) && !Has(layer.Name)))
            await RemoveUnusedAsync(layer.Name, cancel);
        Notes.Forget(now - Forgotten);
        Tops.Forget(now - Forgotten);
    }

    /// <summary>Removes a layer that nobody is told of any more. Where somebody holds it, it goes when there is no room for it.</summary>
    public Task DropAsync(string name, CancellationToken cancel) => RemoveUnusedAsync(name, cancel);

    /// <summary>Removes a layer unless somebody holds it. It is out of sight in one step.</summary>
    private async Task<bool> RemoveUnusedAsync(string name, CancellationToken cancel)
    {
        var aside = $"{Making}/{Guid.NewGuid():N}";
        try
        {
            using var whole = FileLock.TryTake(UseOf(name));
            if (whole is null)
                return false;
            sealedOnes.TryRemove(name, out _);
            Directory.Move($"{Layers}/{name}", aside);
        }
        catch (IOException) when (!Directory.Exists(Root(name)))
        {
            // Another builder was faster.
            return true;
        }
        await ForeignFiles.RemoveAsync(aside, cancel);
        return true;
    }

    /// <summary>Removes what makers and builds that died have left: those whose place nobody has touched for a day. See <see cref="DiskWatch"/>.</summary>
    private async Task CleanAsync(CancellationToken cancel)
    {
        foreach (var place in Directory.EnumerateDirectories(Making))
        {
            if (Directory.GetLastWriteTimeUtc(place) < TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1))
                await ForeignFiles.RemoveAsync(place, cancel);
        }
    }

    private static DateTime LastUse(string path) =>
        File.Exists($"{path}/use") ? File.GetLastWriteTimeUtc($"{path}/use") : Directory.GetLastWriteTimeUtc(path);
}
