using PkgForge.Registry;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>Layers: the base of the platform, refreshed when its distribution moves, and a source's dependencies over it.</summary>
public abstract partial class RootBuilder
{
    /// <summary>So often layers are made that are removed, or found broken, before they are held.</summary>
    private const int MostTries = 3;

    /// <summary>Does something in a throw-away root of the base layer alone.</summary>
    protected async Task<T> InBaseAsync<T>(BuildLog log, Func<RootSession, Task<T>> work, CancellationToken cancel)
    {
        for (var tries = 1; tries <= MostTries; tries++)
        {
            var layer = await BaseAsync(log, cancel);
            using var hold = await settings.Layers.TryHoldAsync([layer], log, cancel);
            if (hold is null)
                continue;
            await using var root = await OpenAsync([layer], cancel);
            return await work(root);
        }
        throw LayersWentAway();
    }

    /// <summary>The layers of a source's root, the uppermost first, made or found, and held.</summary>
    private async Task<(IReadOnlyList<string> Names, IDisposable? Hold, BuildOutcome? Failure)> LayersAsync(
        BuildRequest request,
        CancellationToken cancel
    )
    {
        for (var tries = 1; tries <= MostTries; tries++)
        {
            var baseLayer = await BaseAsync(request.Log, cancel);
            using var below = await settings.Layers.TryHoldAsync([baseLayer], request.Log, cancel);
            if (below is null)
                continue;
            var (dependencies, failure) = await DependencyLayerAsync(baseLayer, request, cancel);
            if (failure is not null)
            {
                request.Notes.Layers = await DescribeAsync([baseLayer], cancel);
                return ([], null, failure);
            }
            string[] names = dependencies.Length == 0 ? [baseLayer] : [dependencies, baseLayer];
            if (await settings.Layers.TryHoldAsync(names, request.Log, cancel) is { } hold)
                return (names, hold, null);
        }
        throw LayersWentAway();
    }

    private FarmFaultException LayersWentAway() =>
        new(
            $"the layers of a root went away {MostTries} times before they could be used: is there room for them in {settings.WorkDirectory}?"
        );

    private async Task<string> BaseAsync(BuildLog log, CancellationToken cancel)
    {
        var subject = $"base of {settings.Platform} {RecipeText(settings.Recipe)}";
        if (settings.Layers.Noted(subject) is { } known)
            return IsYoung(known) ? known.Layer : await RefreshBaseAsync(subject, known, log, cancel);
        using var turn = await settings.Layers.LockAsync(subject, cancel);
        if (settings.Layers.Noted(subject) is { } made)
            return made.Layer;
        log.Say($"making the base layer of {settings.Platform}");
        return await MakeBaseAsync(
            subject,
            (await DistributionState.ReadAsync(settings.Recipe, cancel)).State,
            log,
            cancel
        );
    }

    /// <summary>
    /// The base is to be looked after. One builder does, and makes a new one if the distribution has moved; the others go on with the old one meanwhile, as do
    /// builds that have begun.
    /// </summary>
    private async Task<string> RefreshBaseAsync(string subject, LayerNote known, BuildLog log, CancellationToken cancel)
    {
        using var turn = settings.Layers.TryLock(subject);
        if (turn is null || settings.Layers.Noted(subject) is not { } now || IsYoung(now))
            return settings.Layers.Noted(subject)?.Layer ?? known.Layer;
        var (state, trouble) = await DistributionState.ReadAsync(settings.Recipe, cancel);
        if (trouble is not null)
            log.Say(
                $"base: whether the distribution has moved cannot be seen now ({trouble}); the root stays as it is"
            );
        if (state is null || state == known.State)
        {
            settings.Layers.Note(subject, known.Layer, known.State);
            return known.Layer;
        }
        log.Say($"making the base layer of {settings.Platform} anew: the distribution has moved");
        try
        {
            return await MakeBaseAsync(subject, state, log, cancel);
        }
        catch (FarmFaultException e)
        {
            // A mirror in the middle of its own change, for one: the root that is there still builds.
            log.Say($"base: it could not be made anew ({e.Message}); the root stays as it is");
            settings.Layers.Note(subject, known.Layer, known.State);
            return known.Layer;
        }
    }

    private bool IsYoung(LayerNote note) =>
        note.At > TimeProvider.System.GetUtcNow().UtcDateTime - settings.Recipe.Refresh;

    /// <summary>Under the lock of the subject.</summary>
    private async Task<string> MakeBaseAsync(string subject, string? state, BuildLog log, CancellationToken cancel)
    {
        MachineArchitecture.Require(settings.Platform);
        var name = settings.Recipe.Tarball is { Length: > 0 } tarball
            ? await TakeTarballAsync(tarball, log, cancel)
            : await MakeBaseAsync(log, cancel);
        settings.Layers.Note(subject, name, state ?? "");
        await settings.Layers.EvictAsync(settings.LayerBudget, cancel);
        return name;
    }

    private async Task<string> TakeTarballAsync(string tarball, BuildLog log, CancellationToken cancel)
    {
        if (!File.Exists(tarball))
            throw new MachineLacksException(
                $"there is no {tarball}, of which the recipe of {settings.Platform} makes its root"
            );
        log.Say($"base: unpacking {tarball}");
        return await UnpackBaseAsync(tarball, cancel);
    }

    /// <summary>Unpacks an archive of <c>tar</c> as a base layer, and returns the layer's name.</summary>
    protected async Task<string> UnpackBaseAsync(string tarball, CancellationToken cancel)
    {
        var name = $"base-{Digest.OfFile(tarball)[..16]}";
        var place = settings.Layers.NewPlace();
        try
        {
            await Tool.RequireAsync(
                RootSession.InUserNamespace([], new("sh", "-c", UnpackScript, "unpack", tarball, place)),
                cancel
            );
            await settings.Layers.KeepAsync(place, name, cancel);
        }
        catch
        {
            await LayerStore.RemoveAsync(place, CancellationToken.None);
            throw;
        }
        return name;
    }

    // Files without the device nodes, which no user namespace may make, and a name for the build user.
    private const string UnpackScript = """
        set -e
        mkdir "$2/root"
        tar -C "$2/root" -xpf "$1" --exclude='./dev/*' --exclude='dev/*'
        echo 'builder:x:2001:2001:PkgForge:/build:/bin/sh' >> "$2/root/etc/passwd"
        echo 'builder:x:2001:' >> "$2/root/etc/group"
        """;

    private async Task<(string Layer, BuildOutcome? Failure)> DependencyLayerAsync(
        string baseLayer,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        var subject = DependencySubject(baseLayer, request);
        using var turn = await settings.Layers.LockAsync(subject, cancel);
        if (settings.Layers.Noted(subject) is { } known && IsYoung(known))
            return (known.Layer, null);
        request.Log.Say("dependencies: working them out and installing them");
        var (name, failure) = await CompleteLayerAsync(baseLayer, request, cancel);
        if (failure is null)
            settings.Layers.Note(subject, name);
        return (name, failure);
    }

    private async Task<(string Layer, BuildOutcome? Failure)> MakeDependencyLayerAsync(
        string baseLayer,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        await using var root = await OpenAsync([baseLayer], cancel);
        bool IsThere(string set) => settings.Layers.Has(DependencyLayer(baseLayer, set));
        var (set, failure) = await InstallWithinMemoryAsync(root, request, IsThere, cancel);
        if (failure is not null)
            return ("", failure);
        var name = DependencyLayer(baseLayer, set);
        await KeepDependenciesAsync(root, name, set, cancel);
        return (name, null);
    }

    private static string DependencyLayer(string baseLayer, string set) =>
        set.Length == 0 ? "" : $"deps-{Digest.OfText($"{baseLayer}\n{set}")[..16]}";

    private async Task KeepDependenciesAsync(RootSession root, string name, string set, CancellationToken cancel)
    {
        if (name.Length == 0 || settings.Layers.Has(name))
            return;
        await settings.Layers.KeepTopAsync(root, name, [Step.BuildHome[1..], "pkgforge", .. NotKept], cancel);
        settings.Layers.WriteNote(name, SetNote, set);
        await settings.Layers.EvictAsync(settings.LayerBudget, cancel);
    }

    private async Task<(string Set, BuildOutcome? Failure)> InstallWithinMemoryAsync(
        RootSession root,
        BuildRequest request,
        Func<string, bool> isThere,
        CancellationToken cancel
    )
    {
        try
        {
            await PutSourceAsync(root, request.Source, cancel);
            var (set, failure) = await InstallDependenciesAsync(root, request, isThere, cancel);
            return (set, failure is null ? null : MemoryLimit.Verdict(root, settings.Limits, request.Log) ?? failure);
        }
        catch (FarmFaultException) when (root.Group is { KilledForMemory: > 0 })
        {
            return ("", MemoryLimit.Verdict(root, settings.Limits, request.Log));
        }
    }

    // What the answer depends on: the base, the source's own words, and the state of the repositories that the farm adds.
    private static string DependencySubject(string baseLayer, BuildRequest request) =>
        string.Join(
            '\n',
            [
                baseLayer,
                request.Source.Files[0].Sha256,
                .. request.Repositories.Select(r => $"{r.Name} {r.Revision}"),
                .. Directory.EnumerateFiles(request.Products).Order(StringComparer.Ordinal).Select(Digest.OfFile),
            ]
        );

    private static string RecipeText(PlatformRecipe recipe) =>
        string.Join(
            ' ',
            [
                recipe.Format.ToString(),
                recipe.Suite,
                recipe.Mirror,
                recipe.Tarball,
                recipe.ReleaseVersion,
                recipe.CheckSignatures.ToString(),
                .. recipe.Keys,
                .. recipe.Components,
                "|",
                .. recipe.Packages,
                "|",
                .. recipe.Repositories.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key}={r.Value}"),
            ]
        );
}
