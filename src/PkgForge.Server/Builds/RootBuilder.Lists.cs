using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Server.Builds;

/// <summary>
/// The package lists of a distribution, in a layer of their own: fetched once in the time of the recipe's refresh, they lie over the base where dependencies are worked out, and only what has
/// changed since is fetched there. Roots of builds do not have them.
/// </summary>
public abstract partial class RootBuilder
{
    /// <summary>Where the root's tools keep package lists: paths in it.</summary>
    protected abstract IReadOnlyList<string> Lists { get; }

    /// <summary>In a session with the base layer: fetches the package lists of the distribution.</summary>
    /// <exception cref="FarmFaultException">They cannot be had.</exception>
    protected abstract Task FetchListsAsync(RootSession root, BuildLog log, CancellationToken cancel);

    private async Task<(string Layer, IDisposable Hold)> HoldListsAsync(
        string baseLayer,
        BuildLog log,
        CancellationToken cancel
    )
    {
        for (var tries = 1; tries <= MostTries; tries++)
        {
            var layer = await ListsAsync(baseLayer, log, cancel);
            if (await Settings.Layers.TryHoldAsync([layer], log, cancel) is { } hold)
                return (layer, hold);
        }
        throw WentAway();
    }

    private async Task<string> ListsAsync(string baseLayer, BuildLog log, CancellationToken cancel)
    {
        var notes = Settings.Layers.Notes;
        var subject = $"lists over {baseLayer}, {BaseSubject}";
        if (notes.Find(subject) is not { } old)
        {
            using var turn = await notes.LockAsync(subject, cancel);
            return notes.Find(subject) is { } made
                ? made.Layer
                : await FetchListsAsync(baseLayer, subject, log, cancel);
        }
        if (IsYoung(old))
            return old.Layer;
        // One builder fetches them. The others go on with the old ones meanwhile, over which they fetch what has changed.
        using var mine = notes.TryLock(subject);
        if (mine is null || notes.Find(subject) is not { } now || IsYoung(now))
            return (notes.Find(subject) ?? old).Layer;
        var name = await FetchListsAsync(baseLayer, subject, log, cancel);
        await Settings.Layers.DropAsync(now.Layer, cancel);
        return name;
    }

    /// <summary>Under the lock of the subject.</summary>
    private async Task<string> FetchListsAsync(string baseLayer, string subject, BuildLog log, CancellationToken cancel)
    {
        log.Say("dependencies: fetching the package lists of the distribution");
        await using var root = await OpenForLayerAsync([baseLayer], cancel);
        await FetchListsAsync(root, log, cancel);
        // Nobody asks for these lists by what is in them.
        var name = $"lists-{Guid.NewGuid():N}"[..22];
        await Settings.Layers.KeepTopAsync(root, new(name, LayerPart.Only(Lists)), cancel);
        Settings.Layers.Notes.Write(subject, name);
        return name;
    }
}
