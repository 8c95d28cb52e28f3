using PkgForge.Native;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Server.Builds.Reproducing;

/// <summary>
/// A directory below the work directory for whoever opens roots without being a builder: it is what a builder's own directory is to that. It goes when
/// it is disposed of.
/// <para>
/// Guaranteed if the process dies: what ran in its roots dies with it, and its lock is free; the next process that opens one, or the next start of a
/// builder, removes what is left.
/// </para>
/// </summary>
public sealed class Workplace : IAsyncDisposable
{
    private const UnixFileMode Reachable = (UnixFileMode)0b111_101_101;

    private readonly FileLock held;

    private Workplace(string path, FileLock held) => (Path, this.held) = (path, held);

    /// <summary>Its full path.</summary>
    public string Path { get; }

    /// <summary>Makes one.</summary>
    /// <param name="work">The farm's work directory.</param>
    /// <param name="groups">Where control groups are made; null when there are none.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<Workplace> OpenAsync(string work, ControlGroups? groups, CancellationToken cancel)
    {
        var all = All(work);
        Directory.CreateDirectory(all);
        File.SetUnixFileMode(all, Reachable);
        await CleanAsync(work, groups, cancel);
        // Nobody else may find the directory before it is locked.
        using var turn = await FileLock.TakeAsync($"{all}/.lock", cancel);
        var path = $"{all}/{Environment.ProcessId}-{Guid.NewGuid():N}";
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Reachable);
        return new(path, FileLock.TryTake($"{path}/lock")!);
    }

    /// <summary>Removes those whose processes have died.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public static async Task CleanAsync(string work, ControlGroups? groups, CancellationToken cancel)
    {
        var all = All(work);
        if (!Directory.Exists(all))
            return;
        using var turn = await FileLock.TakeAsync($"{all}/.lock", cancel);
        foreach (var left in Directory.EnumerateDirectories(all).ToList())
        {
            using var free = FileLock.TryTake($"{left}/lock");
            if (free is null)
                continue;
            if (groups is not null)
                await groups.CleanAsync(left);
            await ForeignFiles.RemoveAsync(left, cancel);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ForeignFiles.RemoveAsync(Path, CancellationToken.None);
        held.Dispose();
    }

    private static string All(string work) => $"{work}/visits";
}
