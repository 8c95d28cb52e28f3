using System.Security.Cryptography;
using System.Text;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// The read-only layers of one machine, shared by all its builders: <c>layers/NAME/root</c>, made once, named by what
/// they hold, never changed. A layer is made beside its place, under a name that begins with <c>.new-</c>, and is
/// there whole or not at all: the last step is a rename.
/// </summary>
/// <param name="directory">The farm's work directory. Others must be able to reach it: inside a root nobody is its owner.</param>
public sealed class LayerStore(string directory)
{
    private string Layers => $"{directory}/layers";
    private string Notes => $"{directory}/notes";

    /// <summary>Makes the directories, with modes that let a root's own users reach the layers.</summary>
    public void Initialise()
    {
        foreach (var path in new[] { directory, Layers, Notes })
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }
    }

    /// <summary>The root directory of a layer, there or not.</summary>
    public string Root(string name) => $"{Layers}/{name}/root";

    /// <summary>True when the layer is there.</summary>
    public bool Has(string name) => Directory.Exists(Root(name));

    /// <summary>
    /// Runs one maker at a time per subject on this machine: what ten tasks ask for at once is made once.
    /// </summary>
    public async Task<IDisposable> LockAsync(string subject, CancellationToken cancel)
    {
        var path = $"{Notes}/{Name(subject)}.lock";
        while (true)
        {
            try
            {
                // FileShare.None is flock(2): it goes with the process that holds it.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(200, cancel);
            }
        }
    }

    /// <summary>What was noted under a subject: the name of a layer that still is there, and when that was noted; null if nothing.</summary>
    public (string Layer, DateTime At)? Noted(string subject)
    {
        var path = $"{Notes}/{Name(subject)}";
        if (!File.Exists(path))
            return null;
        var layer = File.ReadAllText(path).Trim();
        return layer.Length == 0 || Has(layer) ? (layer, File.GetLastWriteTimeUtc(path)) : null;
    }

    /// <summary>Notes which layer serves a subject; an empty name says that none is needed.</summary>
    public void Note(string subject, string layer)
    {
        var path = $"{Notes}/{Name(subject)}";
        // Not flushed: a note that a crash loses is worked out again.
        var aside = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllText(aside, layer);
        File.Move(aside, path, overwrite: true);
    }

    /// <summary>A place for a new layer that the root user of a root may fill: <c>PLACE/root</c> is to be made there.</summary>
    public string NewPlace()
    {
        var place = $"{Layers}/.new-{Guid.NewGuid():N}";
        Directory.CreateDirectory(place);
        File.SetUnixFileMode(place, (UnixFileMode)0b111_111_111);
        return place;
    }

    /// <summary>Puts a filled place under its name. If the layer is there already, that one stays and the new one goes.</summary>
    public async Task KeepAsync(string place, string name, CancellationToken cancel)
    {
        File.SetUnixFileMode(place, (UnixFileMode)0b111_101_101);
        if (Has(name))
            await RemoveAsync(place, cancel);
        else
            Directory.Move(place, $"{Layers}/{name}");
    }

    /// <summary>Keeps the top of a session as a layer, without what only the making of it needed.</summary>
    /// <param name="session">The session, in which nothing runs now.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="without">Paths in the top that are left out.</param>
    /// <param name="cancel">Gives up; the unfinished place is removed.</param>
    public async Task KeepTopAsync(
        RootSession session,
        string name,
        IEnumerable<string> without,
        CancellationToken cancel
    )
    {
        var place = NewPlace();
        try
        {
            await session.RequireOnHostAsync(new("cp", "-a", "--", session.Upper, $"{place}/root"), cancel);
            await session.RequireOnHostAsync(
                new("rm", ["-rf", "--", .. without.Select(path => $"{place}/root/{path}")]),
                cancel
            );
            await KeepAsync(place, name, cancel);
        }
        catch
        {
            await RemoveAsync(place, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Removes a layer, or an unfinished one.</summary>
    public static Task RemoveAsync(string place, CancellationToken cancel) => RemoveForeignAsync(place, cancel);

    /// <summary>
    /// Removes a directory in which files may belong to subordinate ids, for which this user is nobody: first as their
    /// root, then what is left as this user.
    /// </summary>
    public static async Task RemoveForeignAsync(string path, CancellationToken cancel)
    {
        if (File.Exists(path))
            File.Delete(path);
        if (!Directory.Exists(path))
            return;
        File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        var inside = Directory.EnumerateFileSystemEntries(path).ToList();
        if (inside.Count > 0)
            await Tool.RunAsync(
                RootSession.InUserNamespace([], new("rm", ["-rf", "--", .. inside])),
                new CapturedOutput(),
                cancel: cancel
            );
        Directory.Delete(path, recursive: true);
    }

    /// <summary>Removes unfinished layers of makers that died: those whose place is older than a day.</summary>
    public async Task CleanAsync(CancellationToken cancel)
    {
        foreach (var place in Directory.EnumerateDirectories(Layers, ".new-*"))
        {
            if (Directory.GetLastWriteTimeUtc(place) < TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1))
                await RemoveAsync(place, cancel);
        }
    }

    private static string Name(string subject) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)))[..32];
}
