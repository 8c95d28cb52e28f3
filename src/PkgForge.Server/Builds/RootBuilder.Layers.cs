using PkgForge.Registry;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>Layers: a source's dependencies over the base of the platform.</summary>
public abstract partial class RootBuilder
{
    /// <summary>Does something in a throw-away root of the base layer alone.</summary>
    protected async Task<T> InBaseAsync<T>(BuildLog log, Func<RootSession, Task<T>> work, CancellationToken cancel)
    {
        for (var tries = 1; tries <= MostTries; tries++)
        {
            var layer = await BaseAsync(log, cancel);
            using var hold = await Settings.Layers.TryHoldAsync([layer], log, cancel);
            if (hold is null)
                continue;
            await using var root = await OpenAsync([layer], cancel);
            return await work(root);
        }
        throw WentAway();
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
            using var below = await Settings.Layers.TryHoldAsync([baseLayer], request.Log, cancel);
            if (below is null)
                continue;
            var (dependencies, failure) = await DependencyLayerAsync(baseLayer, request, cancel);
            if (failure is not null)
            {
                request.Notes.Layers = await DescribeAsync([baseLayer], cancel);
                return ([], null, failure);
            }
            string[] names = dependencies.Length == 0 ? [baseLayer] : [dependencies, baseLayer];
            if (await Settings.Layers.TryHoldAsync(names, request.Log, cancel) is { } hold)
                return (names, hold, null);
        }
        throw WentAway();
    }

    /// <inheritdoc/>
    protected override Task<string> TakeTarballAsync(string tarball, CancellationToken cancel) =>
        UnpackBaseAsync(tarball, cancel);

    /// <summary>Unpacks an archive of <c>tar</c> as a base layer, and returns the layer's name.</summary>
    protected async Task<string> UnpackBaseAsync(string tarball, CancellationToken cancel)
    {
        var name = $"base-{Digest.OfFile(tarball)[..16]}";
        var place = Settings.Layers.NewPlace();
        try
        {
            await Tool.RequireAsync(
                RootSession.InUserNamespace([], new("sh", "-c", UnpackScript, "unpack", tarball, place)),
                cancel
            );
            await Settings.Layers.KeepAsync(place, name, cancel);
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
        using var turn = await Settings.Layers.LockAsync(subject, cancel);
        if (Settings.Layers.Noted(subject) is { } known && IsYoung(known))
            return (known.Layer, null);
        request.Log.Say("dependencies: working them out and installing them");
        var (name, failure) = await CompleteLayerAsync(baseLayer, request, cancel);
        if (failure is null)
            Settings.Layers.Note(subject, name);
        return (name, failure);
    }

    private async Task<(string Layer, BuildOutcome? Failure)> MakeDependencyLayerAsync(
        string baseLayer,
        BuildRequest request,
        CancellationToken cancel
    )
    {
        await using var root = await OpenForLayerAsync([baseLayer], cancel);
        bool IsThere(string set) => Settings.Layers.Has(DependencyLayer(baseLayer, set));
        var (set, failure) = await InstallWithinLimitsAsync(root, request, IsThere, cancel);
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
        if (name.Length == 0 || Settings.Layers.Has(name))
            return;
        await Settings.Layers.KeepTopAsync(root, name, [Step.BuildHome[1..], "pkgforge", .. NotKept], cancel);
        Settings.Layers.WriteNote(name, SetNote, set);
        await Settings.Layers.EvictAsync(Settings.LayerBudget, cancel);
    }

    private async Task<(string Set, BuildOutcome? Failure)> InstallWithinLimitsAsync(
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
            return (set, failure is null ? null : Overrun.Verdict(root, Settings.Limits, request.Log) ?? failure);
        }
        catch (FarmFaultException) when (Overrun.Stopped(root))
        {
            return ("", Overrun.Verdict(root, Settings.Limits, request.Log));
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
}
