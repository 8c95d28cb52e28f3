using PkgForge.Registry;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>Layers: a source's dependencies over the base of the platform.</summary>
public abstract partial class RootBuilder
{
    /// <summary>Does something with a source in a throw-away root of the base layer alone.</summary>
    protected async Task<T> InBaseAsync<T>(
        SourcePackage source,
        BuildLog log,
        Func<RootSession, Task<T>> work,
        CancellationToken cancel
    )
    {
        for (var tries = 1; tries <= MostTries; tries++)
        {
            var layer = await BaseAsync(log, cancel);
            using var hold = await Settings.Layers.TryHoldAsync([layer], log, cancel);
            if (hold is null)
                continue;
            await using var root = await OpenForBuildAsync([layer], source, log, cancel);
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
            var names = Settings.Layers.Stack(dependencies, baseLayer);
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
        await Settings.Layers.MakeAsync(
            name,
            place =>
                Tool.RequireAsync(
                    RootSession.InUserNamespace([], new("sh", "-c", UnpackScript, "unpack", tarball, place)),
                    cancel
                ),
            cancel
        );
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
}
