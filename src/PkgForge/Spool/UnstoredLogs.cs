using System.Globalization;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Platforms;

namespace PkgForge.Spool;

/// <summary>
/// Notes of the attempts whose logs are to be stored when they have ended: empty files of a hidden directory of the results, <c>JOB~PLATFORM~ATTEMPT~SESSION~BUILDER</c>. A note is made
/// when an attempt begins, and removed when its log is stored, so that whoever comes after a crash finds what is left to do without looking at all results. It also
/// says who has begun the attempt.
/// They are hints: one that a power failure has lost leaves a log plain.
/// </summary>
public sealed class UnstoredLogs(ResultsArea results)
{
    private const char Separator = '~';

    private readonly string path = Path.Combine(results.Path, ".logs");

    /// <summary>Notes an attempt.</summary>
    /// <exception cref="IOException">It cannot be noted.</exception>
    public void Add(BegunAttempt attempt)
    {
        var note = PathOf(attempt);
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

    /// <summary>Whether the attempt is noted, as begun by this very process of the builder.</summary>
    public bool Has(BegunAttempt attempt) => File.Exists(PathOf(attempt));

    /// <summary>The log of an attempt is stored, or gone.</summary>
    public void Remove(BegunAttempt attempt) => File.Delete(PathOf(attempt));

    /// <summary>All attempts that are noted.</summary>
    public IReadOnlyList<BegunAttempt> All() =>
        Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).SelectMany(Read)] : [];

    private static IEnumerable<BegunAttempt> Read(string note) =>
        Path.GetFileName(note).Split(Separator, 5) is [var id, var key, var number, var process, var builder]
        && JobId.TryParse(id, out var job)
        && PlatformKey.TryParse(key, out var platform)
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
        && attempt > 0
        && long.TryParse(process, CultureInfo.InvariantCulture, out var session)
            ? [new(job, platform, attempt, session, builder)]
            : [];

    private static void Make(string note) =>
        File.OpenHandle(note, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();

    private string PathOf(BegunAttempt attempt) =>
        Path.Combine(
            path,
            string.Join(
                Separator,
                attempt.Job.ToString(),
                attempt.Platform.ToString(),
                attempt.Attempt.ToString(CultureInfo.InvariantCulture),
                attempt.Session.ToString(CultureInfo.InvariantCulture),
                attempt.Builder
            )
        );
}

/// <summary>An attempt that was begun.</summary>
/// <param name="Job">The job.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Session">Of which process of the builder.</param>
/// <param name="Builder">By which builder.</param>
public sealed record BegunAttempt(JobId Job, PlatformKey Platform, int Attempt, long Session, string Builder);
