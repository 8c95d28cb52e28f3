using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Roots;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>
/// Dependency layers: what a source needs, over the base of the platform, or over another dependency layer that has the most of it already. A layer is
/// named by the exact set over the base, however many layers it is spread over.
/// </summary>
public abstract partial class RootBuilder
{
    /// <summary>So many dependency layers lie over each other, and no more: a root looks for a file in one after the other.</summary>
    private const int MostStacked = 3;

    /// <summary>So the names of dependency layers begin.</summary>
    private const string DependencyPrefix = "deps-";

    /// <summary>False when nothing need be installed for the source, and nobody asked.</summary>
    protected virtual bool NeedsPackages(BuildRequest request) => true;

    /// <summary>
    /// The set that something led to before, in a root of the same layers, if its layer is still there, so that nothing is to be installed; see <see cref="NoteSet"/>. Where others are about to
    /// find out what it leads to, that is waited for.
    /// </summary>
    private protected async Task<string?> FindSetAsync(RootSession root, string subject, Installing installing)
    {
        await installing.TakeTurnAsync(Below(root, subject));
        return
            Settings.Layers.Notes.Find(Below(root, subject)) is { } known
            && Settings.Layers.ReadNote(known.Layer, SetNote) is { } set
            && !await installing.IsDueAsync(set)
            ? set
            : null;
    }

    /// <summary>Notes which set something leads to in the root. The layer may be kept yet: until then nothing is found.</summary>
    private protected void NoteSet(RootSession root, string subject, string set) =>
        Settings.Layers.Notes.Write(Below(root, subject), DependencyLayer(BaseOf(root), set));

    private static string Below(RootSession root, string subject) => $"{BaseOf(root)}\n{subject}";

    private static string BaseOf(RootSession root) => LayerStore.NameOf(root.Layers[^1]);

    private async Task<(string Layer, BuildOutcome? Failure)> DependencyLayerAsync(
        string baseLayer,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        var subject = DependencySubject(baseLayer, request);
        using var turn = await Settings.Layers.Notes.LockAsync(subject, cancel);
        if (Settings.Layers.Notes.Find(subject) is { } known && IsYoung(known))
            return (known.Layer, null);
        request.Log.Say("dependencies: working them out and installing them");
        var (name, failure) = await CompleteLayerAsync(baseLayer, request, cancel);
        if (failure is null)
            Settings.Layers.Notes.Write(subject, name);
        return (name, failure);
    }

    private async Task<(string Layer, BuildOutcome? Failure)> MakeDependencyLayerAsync(
        string baseLayer,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        if (!NeedsPackages(request))
            return ("", null);
        var (lists, hold) = await HoldListsAsync(baseLayer, request.Log, cancel);
        using var held = hold;
        PartOfSet? part = null;
        using var installing = new Installing(
            set => !Settings.Layers.Has(DependencyLayer(baseLayer, set)) && (part = FindPart(baseLayer, set)) is null,
            subject => Settings.Layers.Notes.LockAsync(subject, cancel)
        );
        var made = await OverBaseAsync([lists, baseLayer], request, installing, cancel);
        if (part is null || await OverPartAsync([lists, baseLayer], part, request, cancel))
            return made;
        using var always = new Installing(_ => true);
        return await OverBaseAsync([lists, baseLayer], request, always, cancel);
    }

    /// <summary>Works out what the source needs, and keeps what was installed, if that was to be.</summary>
    private async Task<(string Layer, BuildOutcome? Failure)> OverBaseAsync(
        string[] layers,
        BuildRequest request,
        Installing installing,
        CancellationToken cancel
    )
    {
        await using var root = await OpenForLayerAsync(layers, cancel);
        var (set, failure) = await InstallWithinLimitsAsync(root, request, installing, cancel);
        if (failure is not null)
            return ("", failure);
        var name = DependencyLayer(layers[^1], set);
        if (installing.IsDone)
            await KeepDependenciesAsync(root, name, set, null, cancel);
        return (name, null);
    }

    /// <summary>
    /// Installs what a part leaves over it. False when that is not to be had so: because the part is gone, or because over it other packages would be chosen than over the base, where one
    /// of several would do.
    /// </summary>
    private async Task<bool> OverPartAsync(
        string[] layers,
        PartOfSet part,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        var stack = Settings.Layers.Stack(part.Layer, layers[^1]);
        using var hold = await Settings.Layers.TryHoldAsync(stack, request.Log, cancel);
        if (hold is null)
            return false;
        request.Log.Say($"dependencies: {part.Layer} has {part.Lines.Count} of {part.Of.Count} packages");
        await using var root = await OpenForLayerAsync([layers[0], .. stack], cancel);
        if (!await InstallRestAsync(root, part, request, cancel))
        {
            request.Log.Say("dependencies: the others cannot be installed over it: installing all anew");
            return false;
        }
        var set = string.Join('\n', part.Of);
        await KeepDependenciesAsync(root, DependencyLayer(layers[^1], set), set, part.Layer, cancel);
        return true;
    }

    /// <summary>Whatever fails over the part may well succeed without it.</summary>
    private async Task<bool> InstallRestAsync(
        RootSession root,
        PartOfSet part,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        try
        {
            using var installing = new Installing(part.IsRest);
            var (rest, failure) = await InstallWithinLimitsAsync(root, request, installing, cancel);
            return failure is null && part.IsRest(rest);
        }
        catch (FarmFaultException e) when (!cancel.IsCancellationRequested)
        {
            request.Log.Say($"dependencies: {e.Message}");
            return false;
        }
    }

    /// <summary>The layer over the same base that has the most of a set, and nothing else; null when none has half of it.</summary>
    private PartOfSet? FindPart(string baseLayer, string set) =>
        Settings
            .Layers.Names(DependencyPrefix)
            .Select(name => PartOfSet.From(name, Settings.Layers.ReadNote(name, SetNote) ?? "", set))
            .OfType<PartOfSet>()
            .Where(part => part.Lines.Count * 2 >= part.Of.Count && part.Lines.Count < part.Of.Count)
            .OrderByDescending(part => part.Lines.Count)
            .FirstOrDefault(part =>
                part.Layer == DependencyLayer(baseLayer, string.Join('\n', part.Lines))
                && Settings.Layers.Has(part.Layer)
                && Settings.Layers.Stack(part.Layer, baseLayer).Count <= MostStacked
            );

    private static string DependencyLayer(string baseLayer, string set) =>
        set.Length == 0 ? "" : $"{DependencyPrefix}{Digest.OfText($"{baseLayer}\n{set}")[..16]}";

    private async Task KeepDependenciesAsync(
        RootSession root,
        string name,
        string set,
        string? below,
        CancellationToken cancel
    )
    {
        if (name.Length == 0 || Settings.Layers.Has(name))
            return;
        var part = LayerPart.Without([Step.BuildHome[1..], "pkgforge", "etc/hosts", .. NotKept, .. Lists]);
        var layer = new NewLayer(name, part)
        {
            Below = below,
            Notes = new Dictionary<string, string> { [SetNote] = set },
        };
        await Settings.Layers.KeepTopAsync(root, layer, cancel);
        await Settings.Layers.EvictAsync(Settings.LayerBudget, cancel);
    }

    private async Task<(string Set, BuildOutcome? Failure)> InstallWithinLimitsAsync(
        RootSession root,
        BuildRequest request,
        Installing installing,
        CancellationToken cancel
    )
    {
        try
        {
            await PutSourceAsync(root, request.Source, cancel);
            var (set, failure) = await InstallDependenciesAsync(root, request, installing, cancel);
            return (set, failure is null ? null : Overrun.Verdict(root, Settings.Limits, request.Log) ?? failure);
        }
        catch (FarmFaultException) when (Overrun.Stopped(root))
        {
            return ("", Overrun.Verdict(root, Settings.Limits, request.Log));
        }
    }

    /// <summary>What the source says about its dependencies, where that is all that counts: two sources that say the same need the same. By default all that it is.</summary>
    protected virtual string DependencyWords(SourcePackage source) => source.Files[0].Sha256;

    // What the answer depends on: the base, the source's own words, and the state of the repositories that the farm adds.
    private string DependencySubject(string baseLayer, BuildRequest request) =>
        string.Join(
            '\n',
            [
                baseLayer,
                DependencyWords(request.Source),
                .. request.Repositories.Select(r => $"{r.Name} {r.Revision}"),
                .. Directory.EnumerateFiles(request.Products).Order(StringComparer.Ordinal).Select(request.Digests.Of),
            ]
        );
}
