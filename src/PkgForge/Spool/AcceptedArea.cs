using Microsoft.Win32.SafeHandles;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Sources;

namespace PkgForge.Spool;

/// <summary>The directory of the jobs that the farm has taken: only Incoming writes here, everybody may read.</summary>
public sealed class AcceptedArea
{
    /// <param name="path">The directory.</param>
    public AcceptedArea(string path) => Path = System.IO.Path.GetFullPath(path);

    /// <summary>Full path of the directory.</summary>
    public string Path { get; }

    /// <summary>Where the files of an accepted job are.</summary>
    public string PathOf(JobId id) => System.IO.Path.Combine(Path, id.ToString());

    /// <summary>True when there is an accepted job of this id.</summary>
    public bool Contains(JobId id) => FileSystem.Exists(PathOf(id));

    /// <summary>Reads the manifest of an accepted job.</summary>
    /// <exception cref="IOException">There is none, or the disk fails.</exception>
    public ManifestResult Read(JobId id)
    {
        using var stream = File.OpenRead(System.IO.Path.Combine(PathOf(id), Manifest.FileName));
        return Manifest.Read(stream);
    }

    /// <summary>
    /// Copies a loaded job to <c>.ID.tmp</c>, checking size and SHA-256 over the bytes that are copied; the user's
    /// directory is not needed after that. If the process dies on the way, <c>.ID.tmp</c> is left over, and
    /// <c>incoming</c> is untouched.
    /// </summary>
    /// <exception cref="IOException">The disk is full or fails: the farm's fault. The copy is removed.</exception>
    public CopyResult CopyPrivately(LoadedJob loaded, CancellationToken cancel = default)
    {
        var temporary = TemporaryOf(loaded.Job.Id);
        if (FileSystem.Exists(temporary))
            return new(CopyOutcome.InTheWay, null, $"'{temporary}' is left over");
        CopyResult? result = null;
        try
        {
            FileSystem.MakeDirectory(temporary, SpoolModes.PublicDirectory);
            FaultPoint.Reach(FaultPoints.AcceptedDirectoryMade);
            result = Copy(loaded, temporary, cancel);
            return result;
        }
        finally
        {
            if (result is not { Outcome: CopyOutcome.Copied })
                DirectoryTree.Remove(temporary, CancellationToken.None);
        }
    }

    /// <summary>Removes an accepted job, and what a crash has left of copying it; nothing happens when there is neither.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void Remove(JobId id)
    {
        DirectoryTree.Remove(TemporaryOf(id));
        // Out of sight in one step, so that nobody ever finds half a job under its name.
        if (Contains(id))
            FileSystem.Rename(PathOf(id), TemporaryOf(id));
        DirectoryTree.Remove(TemporaryOf(id));
        FileSystem.FlushDirectory(Path);
    }

    internal string TemporaryOf(JobId id) => System.IO.Path.Combine(Path, $".{id}.tmp");

    private CopyResult Copy(LoadedJob loaded, string temporary, CancellationToken cancel)
    {
        try
        {
            using var directory = FileSystem.OpenDirectory(loaded.Source.Path);
            foreach (var file in loaded.Job.Files)
                if (CopyFile(directory, file, System.IO.Path.Combine(temporary, file.Name), cancel) is { } message)
                    return new(CopyOutcome.Rejected, null, message);
        }
        catch (PosixException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return new(CopyOutcome.Vanished, null, null);
        }
        FaultPoint.Reach(FaultPoints.AcceptedFilesCopied);
        var manifest = System.IO.Path.Combine(temporary, Manifest.FileName);
        DurableFile.WriteNew(manifest, loaded.Manifest, SpoolModes.PublicFile);
        FaultPoint.Reach(FaultPoints.AcceptedManifestWritten);
        FileSystem.FlushDirectory(temporary);
        return new(CopyOutcome.Copied, new(this, loaded.Job.Id), null);
    }

    private static string? CopyFile(SafeFileHandle directory, SourceFile file, string target, CancellationToken cancel)
    {
        try
        {
            using var source = FileSystem.OpenFile(directory, file.Name);
            var status = FileSystem.Status(source);
            if (status.Kind != FileKind.Regular || status.Owner != FileSystem.Status(directory).Owner)
                return $"'{file.Name}' was exchanged while the job was read; expected a regular file of the submitter's";
            return VerifiedCopy.Copy(source, file, target, SpoolModes.PublicFile, cancel);
        }
        catch (PosixException e) when (e.Errno is Errno.ELOOP or Errno.EACCES)
        {
            return $"'{file.Name}' is not a regular file that the farm may read: {e.Message}";
        }
    }
}
