using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Sources;

namespace PkgForge.Spool;

/// <summary>
/// Puts a job into <c>incoming</c> in one step: it is there whole or not at all. Nothing else of the farm need be
/// running.
/// </summary>
public sealed class Submission
{
    private readonly Job job;
    private readonly string incoming;
    private readonly string final;
    private readonly string temporary;

    private Submission(Job job, string incoming)
    {
        this.job = job;
        this.incoming = incoming;
        final = Path.Combine(incoming, job.Id.ToString());
        temporary = DurableFile.Aside(incoming, job.Id.ToString());
    }

    /// <summary>Copies the files beside the job's final place, checks them against the manifest, and renames.</summary>
    /// <param name="job">What the manifest will say.</param>
    /// <param name="filePaths">Where each of the job's files is now; matched by file name, in any order.</param>
    /// <param name="incoming">The spool's <c>incoming</c> directory.</param>
    /// <param name="cancel">Ends it with an <see cref="OperationCanceledException"/>, and nothing is left behind.</param>
    public static SubmissionResult Place(
        Job job,
        IEnumerable<string> filePaths,
        string incoming,
        CancellationToken cancel = default
    )
    {
        if (JobRules.Check(job) is { } error)
            return new(SubmissionOutcome.Failed, null, error);
        var submission = new Submission(job, incoming);
        try
        {
            return submission.Place(filePaths.ToLookup(Path.GetFileName, StringComparer.Ordinal), cancel);
        }
        catch (IOException e)
        {
            return new(SubmissionOutcome.Failed, null, submission.Explain(e));
        }
        catch (UnauthorizedAccessException e)
        {
            return new(SubmissionOutcome.Failed, null, e.Message);
        }
    }

    private SubmissionResult Place(ILookup<string?, string> paths, CancellationToken cancel)
    {
        if (FileSystem.Exists(final))
            return InUse();
        var renamed = false;
        try
        {
            // Dies up to the rename: a hidden .ID.XXXXXXXX.tmp is left, which no handler takes for a job, and which
            // Incoming removes when it is a day old.
            FileSystem.MakeDirectory(temporary, SpoolModes.SubmittedDirectory);
            FaultPoint.Reach(FaultPoints.SubmitDirectoryMade);
            if (Fill(paths, cancel) is { } message)
                return new(SubmissionOutcome.Failed, null, message);
            FaultPoint.Reach(FaultPoints.SubmitBeforeRename);
            cancel.ThrowIfCancellationRequested();
            renamed = FileSystem.RenameDirectoryToNew(temporary, final);
        }
        finally
        {
            if (!renamed)
                Discard();
        }
        if (!renamed)
            return InUse();
        // Dies here: the job is submitted, and is worked on; only a power failure in this moment could take it back.
        FaultPoint.Reach(FaultPoints.SubmitRenamed);
        FileSystem.FlushDirectory(incoming);
        FaultPoint.Reach(FaultPoints.SubmitFlushed);
        return new(SubmissionOutcome.Placed, final, null);
    }

    /// <summary>Copies the files, then writes the manifest, and flushes each of them and the directory.</summary>
    private string? Fill(ILookup<string?, string> paths, CancellationToken cancel)
    {
        foreach (var file in job.Files)
            if (Copy(file, [.. paths[file.Name]], cancel) is { } message)
                return message;
        FaultPoint.Reach(FaultPoints.SubmitFilesCopied);
        var manifest = Path.Combine(temporary, Manifest.FileName);
        DurableFile.WriteNew(manifest, Manifest.Write(job), SpoolModes.SubmittedFile);
        FaultPoint.Reach(FaultPoints.SubmitManifestWritten);
        FileSystem.FlushDirectory(temporary);
        return null;
    }

    private string? Copy(SourceFile file, string[] paths, CancellationToken cancel)
    {
        if (paths.Length != 1)
            return $"'{file.Name}' was given {paths.Length} times; expected one path for each file of the job";
        // A user may submit through a link of his own: what counts is what is read.
        using var source = File.OpenHandle(paths[0]);
        if (FileSystem.Status(source).Kind != FileKind.Regular)
            return $"'{paths[0]}' is not a regular file";
        var target = Path.Combine(temporary, file.Name);
        return VerifiedCopy.Copy(source, file, target, SpoolModes.SubmittedFile, cancel) is { } difference
            ? $"{paths[0]}: {difference}: was it changed meanwhile? submit again"
            : null;
    }

    private void Discard()
    {
        try
        {
            DirectoryTree.Remove(temporary, CancellationToken.None);
        }
        catch (IOException)
        {
            // What went wrong first is what the user should hear; Incoming removes what is left in a day.
        }
    }

    private SubmissionResult InUse() =>
        new(
            SubmissionOutcome.IdInUse,
            null,
            $"a job with the id '{job.Id}' is waiting in {incoming}; choose another id, or none"
        );

    private string Explain(IOException e)
    {
        if (PosixException.IsDiskFull(e))
            return $"the disk of {incoming} is full: the job was not submitted; make room there, or ask the administrator";
        return e switch
        {
            PosixException { Errno: Errno.ENOENT or Errno.ENOTDIR } =>
                $"{e.Message}; expected the farm's incoming directory, which 'pkgforge initserver' makes",
            PosixException { Errno: Errno.EACCES } =>
                $"{e.Message}; you need to be in the group that may submit: ask the administrator",
            _ => e.Message,
        };
    }
}
