using PkgForge.Jobs;
using PkgForge.Native;

namespace PkgForge.Spool;

/// <summary>A job's files where only the farm can change them, not yet under the job's name.</summary>
public sealed class PrivateCopy
{
    private readonly AcceptedArea area;
    private readonly JobId id;

    internal PrivateCopy(AcceptedArea area, JobId id)
    {
        this.area = area;
        this.id = id;
        Path = area.TemporaryOf(id);
    }

    /// <summary>The directory, as long as neither <see cref="Commit"/> nor <see cref="Discard"/> was called.</summary>
    public string Path { get; }

    /// <summary>
    /// Gives the copy the job's name, for good. If the process dies before the rename, <c>.ID.tmp</c> is left over; if
    /// after it, <c>accepted/ID</c> is whole, but the job may not be registered yet: both are for
    /// <see cref="AcceptedArea.Remove"/> when the job is met again in <c>incoming</c>.
    /// </summary>
    /// <returns>False, and nothing is changed, when <c>accepted/ID</c> is there already.</returns>
    /// <exception cref="IOException">The disk fails.</exception>
    public bool Commit()
    {
        FaultPoint.Reach(FaultPoints.AcceptedBeforeRename);
        if (!FileSystem.RenameDirectoryToNew(Path, area.PathOf(id)))
            return false;
        FaultPoint.Reach(FaultPoints.AcceptedRenamed);
        FileSystem.FlushDirectory(area.Path);
        FaultPoint.Reach(FaultPoints.AcceptedFlushed);
        return true;
    }

    /// <summary>Removes the copy.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void Discard() => DirectoryTree.Remove(Path, CancellationToken.None);
}
