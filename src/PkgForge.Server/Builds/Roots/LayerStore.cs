using System.Collections.Concurrent;
using PkgForge.Native;
using PkgForge.Server.Builds.Logs;

namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// The read-only layers of one machine, shared by all its builders: <c>layers/NAME/root</c>, made once, named by what
/// they hold, never changed. A layer is made aside, in <c>making/</c>, because sessions do not see <c>layers/</c>, and is
/// there whole or not at all: the last step is a rename.
/// </summary>
public sealed partial class LayerStore
{
    /// <summary>Beside a layer that lies over another which is no base: that one's name, and the digest of its seal.</summary>
    private const string BelowNote = "below";

    private readonly string directory;

    /// <summary>A layer that was found whole is believed to be for so long. Whoever changes one is this user, or root, or the disk.</summary>
    private static readonly TimeSpan BelievedFor = TimeSpan.FromDays(1);

    /// <summary>Layers that this process has found whole, and when.</summary>
    private readonly ConcurrentDictionary<string, long> sealedOnes = new(StringComparer.Ordinal);

    /// <param name="directory">The farm's work directory. Others must be able to reach it: inside a root nobody is its owner.</param>
    public LayerStore(string directory)
    {
        this.directory = directory;
        Tops = new(directory);
        Notes = new($"{directory}/notes", Has);
    }

    /// <summary>What builds wrote over the layers.</summary>
    public TopHistory Tops { get; }

    /// <summary>Which layer serves what.</summary>
    public LayerNotes Notes { get; }

    /// <summary>Directories that no session is to see by their own path: all layers, and what is being made.</summary>
    public IReadOnlyList<string> Hidden => [Layers, Making];

    private string Layers => $"{directory}/layers";
    private string Making => $"{directory}/making";

    /// <summary>Makes the directories, with modes that let a root's own users reach the layers.</summary>
    public void Initialise()
    {
        foreach (var path in new[] { directory, Layers, Making, $"{directory}/notes" })
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }
    }

    /// <summary>The root directory of a layer, there or not.</summary>
    public string Root(string name) => $"{Layers}/{name}/root";

    /// <summary>The name of the layer whose root directory this is.</summary>
    public static string NameOf(string root) => Path.GetFileName(Path.GetDirectoryName(root)!);

    /// <summary>True when the layer is there, and those that it lies over.</summary>
    public bool Has(string name) => Directory.Exists(Root(name)) && (BelowOf(name) is not { } below || Has(below));

    /// <summary>The layers of a root, the uppermost first: a layer, those that it lies over, and the base.</summary>
    /// <param name="name">The uppermost; empty for none.</param>
    /// <param name="baseLayer">The base.</param>
    public IReadOnlyList<string> Stack(string name, string baseLayer)
    {
        var stack = new List<string>();
        for (var next = name.Length == 0 ? null : name; next is not null; next = BelowOf(next))
            stack.Add(next);
        return [.. stack, baseLayer];
    }

    /// <summary>See <see cref="LayerSeal"/>: the digest of a layer when it was made; empty if not known.</summary>
    public string SealOf(string name) => LayerSeal.DigestOf($"{Layers}/{name}");

    /// <summary>What was noted of a layer under a word; null if nothing.</summary>
    public string? ReadNote(string name, string word)
    {
        var file = $"{Layers}/{name}/{word}";
        try
        {
            return File.Exists(file) ? File.ReadAllText(file) : null;
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

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

    /// <summary>The names of the layers that begin so.</summary>
    public IEnumerable<string> Names(string beginning) =>
        Directory.EnumerateDirectories(Layers, $"{beginning}*").Select(path => Path.GetFileName(path));

    /// <summary>
    /// Holds layers, so that none of them is removed, until disposed. The first time in this process each is compared with what it was when it was made. Null when one of them
    /// is not there, or no longer what it was: then that one is removed.
    /// </summary>
    public async Task<IDisposable?> TryHoldAsync(IEnumerable<string> names, BuildLog log, CancellationToken cancel)
    {
        var held = new LayerHold();
        // To compare them takes a while, in which those that are not held may go.
        List<string> all = [.. names];
        if (!all.TrueForAll(name => TryHold(name, held)))
            return held.Release();
        foreach (var name in all.Where(name => !IsBelieved(name)))
        {
            if (!await LayerSeal.IsWholeAsync($"{Layers}/{name}", cancel))
            {
                log.Say($"layer {name} is not as it was made: it is removed, and made again");
                held.Release();
                await RemoveUnusedAsync(name, cancel);
                return null;
            }
            Believe(name);
        }
        return held;
    }

    private bool IsBelieved(string name) =>
        sealedOnes.TryGetValue(name, out var at) && TimeProvider.System.GetElapsedTime(at) < BelievedFor;

    private void Believe(string name) => sealedOnes[name] = TimeProvider.System.GetTimestamp();

    /// <summary>Another builder may remove the layer at any moment until its lock is shared: then there is nothing to hold.</summary>
    private bool TryHold(string name, LayerHold held)
    {
        try
        {
            if (FileLock.TryShare(UseOf(name)) is not { } share)
                return false;
            held.Add(share);
            File.SetLastWriteTimeUtc(UseOf(name), TimeProvider.System.GetUtcNow().UtcDateTime);
            return Directory.Exists(Root(name));
        }
        catch (IOException) when (!Directory.Exists(Root(name)))
        {
            return false;
        }
    }

    /// <summary>
    /// The layer right under one; null for a base, and for what lies over a base. Another layer of the same name, which was made since, is not that one: then the answer is a name that no
    /// layer has.
    /// </summary>
    private string? BelowOf(string name) =>
        ReadNote(name, BelowNote)?.Split(' ') switch
        {
            null => null,
            [var below, { Length: > 0 } seal] when seal == SealOf(below) => below,
            _ => "gone",
        };

    /// <summary>The file that is locked by those who use a layer, and whose time says when it was used last.</summary>
    private string UseOf(string name) => $"{Layers}/{name}/use";
}
