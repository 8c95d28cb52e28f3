using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Roots;

/// <summary>Layers that are being made, and the tops of builds, which lie in the same place.</summary>
public sealed partial class LayerStore
{
    /// <summary>A place for a new layer that the root user of a root may fill: <c>PLACE/root</c> is to be made there.</summary>
    public string NewPlace() => Open($"{Making}/{Guid.NewGuid():N}");

    /// <summary>The place for the top of a builder's build, emptied: one that died may have left something there.</summary>
    /// <param name="directory">The builder's own directory: it has one build at a time.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<string> TopPlaceAsync(string directory, CancellationToken cancel)
    {
        var place = $"{Making}/top-{Digest.OfText(directory)[..32]}";
        await ForeignFiles.RemoveAsync(place, cancel);
        return Open(place);
    }

    /// <summary>Fills a new place, and puts it under a name. The place is removed if that fails.</summary>
    /// <param name="name">The layer's name. If the layer is there already, that one stays and the new one goes.</param>
    /// <param name="fill">Fills the place.</param>
    /// <param name="cancel">Gives up.</param>
    public Task MakeAsync(string name, Func<string, Task> fill, CancellationToken cancel) =>
        KeepAsync(NewPlace(), name, fill, cancel);

    /// <summary>Keeps the top of a session as a layer.</summary>
    /// <param name="session">The session, whose top is at a <see cref="NewPlace"/> if its disk takes tops, and in which nothing runs now. It is of no use afterwards.</param>
    /// <param name="layer">What becomes of it.</param>
    /// <param name="cancel">Gives up; the unfinished place is removed.</param>
    public async Task KeepTopAsync(RootSession session, NewLayer layer, CancellationToken cancel)
    {
        var place = session.IsOnDisk ? await session.ReleaseTopAsync() : await CopyAsync(session, layer.Part, cancel);
        await KeepAsync(
            place,
            layer.Name,
            async filled =>
            {
                // What could not go while something was mounted on it goes now.
                await Tool.RequireAsync(RootSession.InUserNamespace([], layer.Part.Pick(filled)), cancel);
                if (layer.Below is { } below)
                    await File.WriteAllTextAsync($"{filled}/{BelowNote}", $"{below} {SealOf(below)}", cancel);
                foreach (var (word, text) in layer.Notes)
                    await File.WriteAllTextAsync($"{filled}/{word}", text, cancel);
            },
            cancel
        );
    }

    /// <summary>The last step is a rename: the layer is there whole, with all that is noted of it, or not at all.</summary>
    private async Task KeepAsync(string place, string name, Func<string, Task> fill, CancellationToken cancel)
    {
        try
        {
            await fill(place);
            File.SetUnixFileMode(place, (UnixFileMode)0b111_101_101);
            await LayerSeal.WriteAsync(place, cancel);
            if (!Has(name) && Directory.Exists(Root(name)))
                // What was below it is gone.
                await RemoveUnusedAsync(name, cancel);
            if (!TryName(place, name))
                await ForeignFiles.RemoveAsync(place, cancel);
        }
        catch
        {
            await ForeignFiles.RemoveAsync(place, CancellationToken.None);
            throw;
        }
    }

    /// <summary>False when the layer is there: somebody else has made it, perhaps in this moment.</summary>
    internal bool TryName(string place, string name)
    {
        try
        {
            if (Has(name))
                return false;
            Directory.Move(place, $"{Layers}/{name}");
        }
        catch (IOException) when (Has(name))
        {
            return false;
        }
        // It was looked at a moment ago.
        Believe(name);
        return true;
    }

    /// <summary>Where the disk takes no tops.</summary>
    private async Task<string> CopyAsync(RootSession session, LayerPart part, CancellationToken cancel)
    {
        var place = NewPlace();
        try
        {
            // Before the copy, because downloads and lists are as large as all the rest.
            if (part.Drop(session.Upper) is { } drop)
                await session.RunOnHostAsync(drop, new CapturedOutput(), cancel);
            await session.CopyTopAsync($"{place}/root", cancel);
            return place;
        }
        catch
        {
            await ForeignFiles.RemoveAsync(place, CancellationToken.None);
            throw;
        }
    }

    private static string Open(string place)
    {
        Directory.CreateDirectory(place);
        File.SetUnixFileMode(place, (UnixFileMode)0b111_111_111);
        return place;
    }
}
