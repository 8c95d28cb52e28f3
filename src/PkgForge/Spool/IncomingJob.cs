using System.Text;
using PkgForge.Native;

namespace PkgForge.Spool;

/// <summary>An entry of <c>incoming</c> that may be a job.</summary>
public sealed class IncomingJob
{
    private readonly IncomingArea area;
    private readonly byte[] rawName;

    internal IncomingJob(IncomingArea area, byte[] rawName, FileStatus status)
    {
        this.area = area;
        this.rawName = rawName;
        Name = Encoding.UTF8.GetString(rawName).TrimEnd('\0');
        Owner = status.Owner;
        Changed = status.Changed;
    }

    /// <summary>Its name; what is not UTF-8 in it is shown as U+FFFD.</summary>
    public string Name { get; }

    /// <summary>Its full path, for messages; see <see cref="Name"/>.</summary>
    public string Path => System.IO.Path.Combine(area.Path, Name);

    /// <summary>Id of the user to whom the entry belongs.</summary>
    public uint Owner { get; }

    /// <summary>When the entry itself last changed: for a directory, when something in it was made or removed.</summary>
    public DateTimeOffset Changed { get; }

    /// <summary>Opens the directory, and reads its manifest.</summary>
    /// <exception cref="IOException">The disk fails: the farm's fault, not the job's.</exception>
    public LoadResult Load() => new JobLoader(this, area.MaySubmitForOthers(Owner)).Load();

    /// <summary>
    /// Removes the entry, whatever it is. First it is renamed out of sight: if the process dies after that, nobody takes
    /// the rest for a job, and it is stale at once. What has vanished is no error.
    /// </summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void Remove(CancellationToken cancel = default)
    {
        FaultPoint.Reach(FaultPoints.IncomingBeforeRemoval);
        using var directory = FileSystem.OpenArea(area.Path);
        var shown = Jobs.JobId.TryParse(Name, out _) ? Name : "entry";
        var aside = FileSystem.Bytes(IncomingArea.Gone(shown));
        if (Libc.renameat(directory, rawName, directory, aside) != 0)
        {
            var failure = PosixException.Last("set aside", Path);
            if (failure.Errno == Errno.ENOENT)
                return;
            throw failure;
        }
        FaultPoint.Reach(FaultPoints.IncomingSetAside);
        FileSystem.FlushDirectory(area.Path);
        DirectoryTree.RemoveEntry(directory, aside, Path, cancel);
        FaultPoint.Reach(FaultPoints.IncomingRemoved);
    }
}
