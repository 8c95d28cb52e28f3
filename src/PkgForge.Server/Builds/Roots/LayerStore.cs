using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using PkgForge.Native;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// The read-only layers of one machine, shared by all its builders: <c>layers/NAME/root</c>, made once, named by what
/// they hold, never changed. A layer is made aside, in <c>making/</c>, because sessions do not see <c>layers/</c>, and is
/// there whole or not at all: the last step is a rename.
/// </summary>
/// <param name="directory">The farm's work directory. Others must be able to reach it: inside a root nobody is its owner.</param>
public sealed class LayerStore(string directory)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(30);

    /// <summary>Layers that this process has found whole. Whoever changes one is this user, or root.</summary>
    private readonly ConcurrentDictionary<string, bool> sealedOnes = new(StringComparer.Ordinal);

    /// <summary>What builds wrote over the layers.</summary>
    public TopHistory Tops { get; } = new(directory);

    /// <summary>Directories that no session is to see by their own path: all layers, and what is being made.</summary>
    public IReadOnlyList<string> Hidden => [Layers, Making];

    private string Layers => $"{directory}/layers";
    private string Making => $"{directory}/making";
    private string Notes => $"{directory}/notes";

    /// <summary>Makes the directories, with modes that let a root's own users reach the layers.</summary>
    public void Initialise()
    {
        foreach (var path in new[] { directory, Layers, Making, Notes })
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }
    }

    /// <summary>The root directory of a layer, there or not.</summary>
    public string Root(string name) => $"{Layers}/{name}/root";

    /// <summary>True when the layer is there.</summary>
    public bool Has(string name) => Directory.Exists(Root(name));

    /// <summary>See <see cref="LayerSeal"/>: the digest of a layer when it was made; empty if not known.</summary>
    public string SealOf(string name) => LayerSeal.DigestOf($"{Layers}/{name}");

    /// <summary>What was noted of a layer under a word; null if nothing.</summary>
    public string? ReadNote(string name, string word) =>
        File.Exists($"{Layers}/{name}/{word}") ? File.ReadAllText($"{Layers}/{name}/{word}") : null;

    /// <summary>
    /// Notes something of a layer beside its root. It goes with the layer. If the process dies before, it is not there, and whoever needs it works
    /// it out again or does without.
    /// </summary>
    public void WriteNote(string name, string word, string text)
    {
        var aside = $"{Layers}/{name}/{word}.{Guid.NewGuid():N}";
        File.WriteAllText(aside, text);
        File.Move(aside, $"{Layers}/{name}/{word}", overwrite: true);
    }

    /// <summary>
    /// Runs one maker at a time per subject on this machine: what ten tasks ask for at once is made once.
    /// </summary>
    public async Task<IDisposable> LockAsync(string subject, CancellationToken cancel)
    {
        while (true)
        {
            if (TryLock(subject) is { } turn)
                return turn;
            await Task.Delay(200, cancel);
        }
    }

    /// <summary>Like <see cref="LockAsync"/>, without waiting; null when somebody else makes it.</summary>
    public IDisposable? TryLock(string subject)
    {
        var path = $"{Notes}/{Name(subject)}.lock";
        try
        {
            // FileShare.None is flock(2): it goes with the process that holds it.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    /// <summary>What was noted under a subject, and when; null if nothing, or if the layer is not there any more.</summary>
    public LayerNote? Noted(string subject)
    {
        var path = $"{Notes}/{Name(subject)}";
        if (!File.Exists(path))
            return null;
        var words = File.ReadAllText(path).Trim().Split(' ');
        return words[0].Length == 0 || Has(words[0])
            ? new(words[0], File.GetLastWriteTimeUtc(path), words is [_, var state, ..] ? state : "")
            : null;
    }

    /// <summary>Notes which layer serves a subject; an empty name says that none is needed.</summary>
    /// <param name="subject">What it is that the layer serves.</param>
    /// <param name="layer">The layer's name.</param>
    /// <param name="state">Of what it was made of, in one word.</param>
    public void Note(string subject, string layer, string state = "")
    {
        var path = $"{Notes}/{Name(subject)}";
        // Not flushed: a note that a crash loses is worked out again.
        var aside = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllText(aside, $"{layer} {state}");
        File.Move(aside, path, overwrite: true);
    }

    /// <summary>A place for a new layer that the root user of a root may fill: <c>PLACE/root</c> is to be made there.</summary>
    public string NewPlace() => Open($"{Making}/{Guid.NewGuid():N}");

    private static string Open(string place)
    {
        Directory.CreateDirectory(place);
        File.SetUnixFileMode(place, (UnixFileMode)0b111_111_111);
        return place;
    }

    /// <summary>The place for the top of a builder's build, emptied: one that died may have left something there.</summary>
    /// <param name="directory">The builder's own directory: it has one build at a time.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<string> TopPlaceAsync(string directory, CancellationToken cancel)
    {
        var place = $"{Making}/top-{Digest.OfText(directory)[..32]}";
        await RemoveAsync(place, cancel);
        return Open(place);
    }

    /// <summary>Puts a filled place under its name. If the layer is there already, that one stays and the new one goes.</summary>
    public async Task KeepAsync(string place, string name, CancellationToken cancel)
    {
        File.SetUnixFileMode(place, (UnixFileMode)0b111_101_101);
        await LayerSeal.WriteAsync(place, cancel);
        if (Has(name))
        {
            await RemoveAsync(place, cancel);
            return;
        }
        Directory.Move(place, $"{Layers}/{name}");
        // It was looked at a moment ago.
        sealedOnes[name] = true;
    }

    /// <summary>
    /// Holds layers, so that none of them is removed, until disposed. The first time in this process each is compared with what it was when it was made. Null when one of them
    /// is not there, or no longer what it was: then that one is removed.
    /// </summary>
    public async Task<IDisposable?> TryHoldAsync(IEnumerable<string> names, BuildLog log, CancellationToken cancel)
    {
        var held = new LayerHold();
        foreach (var name in names)
        {
            if (!TryHold(name, held))
                return held.Release();
            if (sealedOnes.ContainsKey(name))
                continue;
            if (!await LayerSeal.IsWholeAsync($"{Layers}/{name}", cancel))
            {
                log.Say($"layer {name} is not as it was made: it is removed, and made again");
                held.Release();
                await RemoveUnusedAsync(name, cancel);
                return null;
            }
            sealedOnes[name] = true;
        }
        return held;
    }

    /// <summary>
    /// Removes the layers that were not used for the longest time, until the rest is within a budget. What is in use stays, and what was used within the hour: whoever has just been told of a layer
    /// may not hold it yet. Notes that led to nothing for a month go, too. One builder of the machine does it at a time: to two of them each layer that the other is about to
    /// remove would look used, and they would remove more than is too much.
    /// </summary>
    public async Task EvictAsync(long budgetInBytes, CancellationToken cancel)
    {
        using var turn = TryLock("eviction");
        if (turn is null)
            return;
        await CleanAsync(cancel);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var layers = Directory
            .EnumerateDirectories(Layers)
            .Select(path => (Name: Path.GetFileName(path), Used: LastUse(path), Size: LayerSeal.SizeOf(path)))
            .OrderBy(layer => layer.Used)
            .ToList();
        var size = layers.Sum(layer => layer.Size);
        foreach (var layer in layers.TakeWhile(layer => layer.Used < now - Fresh))
        {
            if (size <= budgetInBytes)
                break;
            if (await RemoveUnusedAsync(layer.Name, cancel))
                size -= layer.Size;
        }
        foreach (
            var note in Directory.EnumerateFiles(Notes).Where(file => File.GetLastWriteTimeUtc(file) < now - Forgotten)
        )
            File.Delete(note);
        Tops.Forget(now - Forgotten);
    }

    /// <summary>Another builder may remove the layer at any moment until its lock is shared: then there is nothing to hold.</summary>
    private bool TryHold(string name, LayerHold held)
    {
        try
        {
            if (FileLock.TryShare(UseOf(name)) is not { } share)
                return false;
            held.Add(share);
            File.SetLastWriteTimeUtc(UseOf(name), TimeProvider.System.GetUtcNow().UtcDateTime);
            return Has(name);
        }
        catch (IOException) when (!Has(name))
        {
            return false;
        }
    }

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
        catch (IOException) when (!Has(name))
        {
            // Another builder was faster.
            return true;
        }
        await RemoveAsync(aside, cancel);
        return true;
    }

    /// <summary>The file that is locked by those who use a layer, and whose time says when it was used last.</summary>
    private string UseOf(string name) => $"{Layers}/{name}/use";

    private static DateTime LastUse(string path) =>
        File.Exists($"{path}/use") ? File.GetLastWriteTimeUtc($"{path}/use") : Directory.GetLastWriteTimeUtc(path);

    /// <summary>Keeps the top of a session as a layer, without what only the making of it needed.</summary>
    /// <param name="session">The session, whose top is at a <see cref="NewPlace"/> if its disk takes tops, and in which nothing runs now. It is of no use afterwards.</param>
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
        var useless = without.ToList();
        var place = session.IsOnDisk ? await session.ReleaseTopAsync() : await CopyAsync(session, useless, cancel);
        try
        {
            // What could not go while something was mounted on it goes now.
            await Tool.RequireAsync(
                RootSession.InUserNamespace([], Removal(place, [.. useless.Select(path => $"root/{path}"), "work"])),
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

    /// <summary>Where the disk takes no tops.</summary>
    private async Task<string> CopyAsync(RootSession session, IReadOnlyList<string> useless, CancellationToken cancel)
    {
        var place = NewPlace();
        try
        {
            // Before the copy, because downloads and lists are as large as all the rest.
            await session.RunOnHostAsync(Removal(session.Upper, useless), new CapturedOutput(), cancel);
            await session.CopyTopAsync($"{place}/root", cancel);
            return place;
        }
        catch
        {
            await RemoveAsync(place, CancellationToken.None);
            throw;
        }
    }

    private static Command Removal(string directory, IEnumerable<string> paths) =>
        new("rm", ["-rf", "--", .. paths.Select(path => $"{directory}/{path}")]);

    /// <summary>Removes a layer, or an unfinished one.</summary>
    public static Task RemoveAsync(string place, CancellationToken cancel) => RemoveForeignAsync(place, cancel);

    /// <summary>
    /// Removes a directory in which files may belong to subordinate ids, for which this user is nobody: first as their
    /// root, then what is left as this user. Another builder may be removing the same one.
    /// </summary>
    public static async Task RemoveForeignAsync(string path, CancellationToken cancel)
    {
        if (File.Exists(path))
            File.Delete(path);
        while (Directory.Exists(path))
        {
            try
            {
                await RemoveOnceAsync(path, cancel);
            }
            catch (IOException e) when (e is DirectoryNotFoundException or FileNotFoundException)
            {
                // The other was faster, with something in it or with all of it.
            }
        }
    }

    private static async Task RemoveOnceAsync(string path, CancellationToken cancel)
    {
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

    /// <summary>Removes what makers and builds that died have left: those whose place nobody has touched for a day. See <see cref="DiskWatch"/>.</summary>
    private async Task CleanAsync(CancellationToken cancel)
    {
        foreach (var place in Directory.EnumerateDirectories(Making))
        {
            if (Directory.GetLastWriteTimeUtc(place) < TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1))
                await RemoveAsync(place, cancel);
        }
    }

    private static string Name(string subject) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)))[..32];
}

/// <summary>What leads to a layer.</summary>
/// <param name="Layer">The layer's name; empty when none is needed.</param>
/// <param name="At">When that was noted.</param>
/// <param name="State">Of what it was made of.</param>
public sealed record LayerNote(string Layer, DateTime At, string State);
