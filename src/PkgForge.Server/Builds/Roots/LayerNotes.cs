using System.Security.Cryptography;
using System.Text;
using PkgForge.Native;

namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// Which layer serves what: a small file for each subject, <c>notes/DIGEST</c>, and beside it one that whoever makes a layer for the subject locks. Nothing is
/// flushed: a note that a crash loses is worked out again.
/// </summary>
/// <param name="directory">Where they are.</param>
/// <param name="isThere">Tells whether a layer is there.</param>
public sealed class LayerNotes(string directory, Func<string, bool> isThere)
{
    /// <summary>
    /// Runs one maker at a time per subject on this machine: what ten tasks ask for at once is made once.
    /// </summary>
    public async Task<IDisposable> LockAsync(string subject, CancellationToken cancel) =>
        Touched(subject, await FileLock.TakeAsync(LockOf(subject), cancel));

    /// <summary>Like <see cref="LockAsync"/>, without waiting; null when somebody else makes it.</summary>
    public IDisposable? TryLock(string subject) =>
        FileLock.TryTake(LockOf(subject)) is { } turn ? Touched(subject, turn) : null;

    /// <summary>One that is taken now and then is not forgotten.</summary>
    private FileLock Touched(string subject, FileLock turn)
    {
        File.SetLastWriteTimeUtc(LockOf(subject), TimeProvider.System.GetUtcNow().UtcDateTime);
        return turn;
    }

    private string LockOf(string subject) => $"{FileOf(subject)}.lock";

    /// <summary>What was noted under a subject, and when; null if nothing, or if the layer is not there any more.</summary>
    public LayerNote? Find(string subject)
    {
        var path = FileOf(subject);
        if (!File.Exists(path))
            return null;
        var words = File.ReadAllText(path).Trim().Split(' ');
        return words[0].Length == 0 || isThere(words[0])
            ? new(words[0], File.GetLastWriteTimeUtc(path), words is [_, var state, ..] ? state : "")
            : null;
    }

    /// <summary>Notes which layer serves a subject; an empty name says that none is needed.</summary>
    /// <param name="subject">What it is that the layer serves.</param>
    /// <param name="layer">The layer's name.</param>
    /// <param name="state">Of what it was made of, in one word.</param>
    public void Write(string subject, string layer, string state = "")
    {
        var path = FileOf(subject);
        var aside = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllText(aside, $"{layer} {state}");
        File.Move(aside, path, overwrite: true);
    }

    /// <summary>Forgets what was not noted again since a time, and locks that nobody has taken since.</summary>
    internal void Forget(DateTime before)
    {
        foreach (var note in Directory.EnumerateFiles(directory))
        {
            if (File.GetLastWriteTimeUtc(note) < before)
                File.Delete(note);
        }
    }

    private string FileOf(string subject) =>
        $"{directory}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)))[..32]}";
}

/// <summary>What leads to a layer.</summary>
/// <param name="Layer">The layer's name; empty when none is needed.</param>
/// <param name="At">When that was noted.</param>
/// <param name="State">Of what it was made of.</param>
public sealed record LayerNote(string Layer, DateTime At, string State);
