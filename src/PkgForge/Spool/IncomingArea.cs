using System.Text;
using PkgForge.Native;

namespace PkgForge.Spool;

/// <summary>What there is in <c>incoming</c>.</summary>
/// <param name="Jobs">Entries that may be jobs, oldest first.</param>
/// <param name="Stale">Temporary directories of submissions that died, older than a day, and what a dead pass had begun to remove.</param>
/// <param name="Truncated">There is more than was looked at: look again once these are dealt with.</param>
public sealed record IncomingListing(IReadOnlyList<IncomingJob> Jobs, IReadOnlyList<IncomingJob> Stale, bool Truncated);

/// <summary>The directory into which users put jobs. Everything in it is theirs, and untrusted.</summary>
public sealed class IncomingArea
{
    /// <summary>A pass looks at no more entries than this.</summary>
    public const int MaxEntries = 10_000;

    private const string GoneSuffix = ".gone";

    private static readonly TimeSpan StaleAfter = TimeSpan.FromDays(1);

    private readonly TimeProvider time;
    private readonly IReadOnlySet<uint> trusted;

    /// <param name="path">The directory.</param>
    /// <param name="trusted">Users who may submit in the name of others: the one as whom the web site runs.</param>
    /// <param name="time">The clock.</param>
    public IncomingArea(string path, IReadOnlySet<uint>? trusted = null, TimeProvider? time = null)
    {
        Path = System.IO.Path.GetFullPath(path);
        this.time = time ?? TimeProvider.System;
        this.trusted = trusted ?? new HashSet<uint>();
    }

    /// <summary>Full path of the directory.</summary>
    public string Path { get; }

    /// <summary>Lists the directory. Nothing of it is opened.</summary>
    /// <exception cref="PosixException">The directory cannot be read.</exception>
    public IncomingListing Discover()
    {
        using var directory = FileSystem.OpenArea(Path);
        using var reader = new DirectoryReader(directory, Path);
        var (jobs, stale) = (new List<IncomingJob>(), new List<IncomingJob>());
        for (var count = 0; reader.Next() is { } raw; count++)
        {
            if (count == MaxEntries)
                return new(Oldest(jobs), stale, Truncated: true);
            var name = Encoding.UTF8.GetString(raw).TrimEnd('\0');
            if (FileSystem.Status(directory, raw) is not { } status)
                continue;
            if (IsJob(name))
                jobs.Add(new(this, raw, status));
            else if (IsStale(name, status))
                stale.Add(new(this, raw, status));
        }
        return new(Oldest(jobs), stale, Truncated: false);
    }

    /// <summary>The entry of this name; null when there is none.</summary>
    public IncomingJob? Find(string name)
    {
        var raw = FileSystem.Bytes(name);
        using var directory = FileSystem.OpenArea(Path);
        return FileSystem.Status(directory, raw) is { } status ? new(this, raw, status) : null;
    }

    internal bool MaySubmitForOthers(uint owner) => trusted.Contains(owner);

    /// <summary>Where the area is a file system of its own, it has a <c>lost+found</c>.</summary>
    private static bool IsJob(string name) => name[0] != '.' && name != "lost+found";

    private bool IsStale(string name, FileStatus status) =>
        name[0] == '.'
        && (name.EndsWith(GoneSuffix) || name.EndsWith(".tmp") && time.GetUtcNow() - status.Changed > StaleAfter);

    /// <summary>A name for an entry that is being removed. Only one process at a time removes: what has it is left over.</summary>
    internal static string Gone(string name) =>
        $"{System.IO.Path.GetFileNameWithoutExtension(DurableFile.Aside("", name))}{GoneSuffix}";

    private static List<IncomingJob> Oldest(List<IncomingJob> jobs) =>
        [.. jobs.OrderBy(job => job.Changed).ThenBy(job => job.Name, StringComparer.Ordinal)];
}
