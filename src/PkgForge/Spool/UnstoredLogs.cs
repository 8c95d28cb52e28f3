using System.Globalization;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Platforms;

namespace PkgForge.Spool;

/// <summary>
/// Notes of the attempts whose logs are to be stored when they have ended: empty files of a hidden directory of the results, <c>JOB~PLATFORM~ATTEMPT</c>. A note is made
/// when an attempt begins, and removed when its log is stored, so that whoever comes after a crash finds what is left to do without looking at all results.
/// They are hints: one that a power failure has lost leaves a log plain.
/// </summary>
public sealed class UnstoredLogs(ResultsArea results)
{
    private const char Separator = '~';

    private readonly string path = Path.Combine(results.Path, ".logs");

    /// <summary>Notes an attempt.</summary>
    /// <exception cref="IOException">It cannot be noted.</exception>
    public void Add(JobId job, PlatformKey platform, int attempt)
    {
        var note = PathOf(job, platform, attempt);
        try
        {
            Make(note);
        }
        catch (DirectoryNotFoundException)
        {
            Directory.CreateDirectory(path);
            Make(note);
        }
    }

    /// <summary>The log of an attempt is stored, or gone.</summary>
    public void Remove(JobId job, PlatformKey platform, int attempt) => File.Delete(PathOf(job, platform, attempt));

    /// <summary>All attempts that are noted.</summary>
    public IReadOnlyList<(JobId Job, PlatformKey Platform, int Attempt)> All() =>
        Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).SelectMany(Read)] : [];

    private static IEnumerable<(JobId, PlatformKey, int)> Read(string note) =>
        Path.GetFileName(note).Split(Separator) is [var id, var key, var number]
        && JobId.TryParse(id, out var job)
        && PlatformKey.TryParse(key, out var platform)
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
        && attempt > 0
            ? [(job, platform, attempt)]
            : [];

    private static void Make(string note) =>
        File.OpenHandle(note, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();

    private string PathOf(JobId job, PlatformKey platform, int attempt) =>
        Path.Combine(
            path,
            string.Create(CultureInfo.InvariantCulture, $"{job}{Separator}{platform}{Separator}{attempt}")
        );
}
