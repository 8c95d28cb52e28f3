using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Platforms;

namespace PkgForge.Spool;

/// <summary>The directory of logs and products: <c>results/JOB/PLATFORM-ARCHITECTURE/ATTEMPT/</c>.</summary>
public sealed class ResultsArea
{
    /// <param name="path">The directory.</param>
    public ResultsArea(string path) => Path = System.IO.Path.GetFullPath(path);

    /// <summary>Full path of the directory.</summary>
    public string Path { get; }

    /// <summary>Where the results of a job are.</summary>
    public string PathOf(JobId job) => System.IO.Path.Combine(Path, job.ToString());

    /// <summary>Where the results of one attempt are.</summary>
    public string PathOf(JobId job, PlatformKey platform, int attempt)
    {
        if (!platform.IsWellFormed)
            throw new ArgumentException($"'{platform}' is not a platform", nameof(platform));
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        return System.IO.Path.Combine(PathOf(job), platform.ToString(), attempt.ToString());
    }

    /// <summary>
    /// Makes the directory of an attempt if it is not there yet. Until <see cref="AttemptDirectory.Flush"/> a power failure may lose it. If the
    /// process dies on the way, a part of the path is there, and another call makes the rest.
    /// </summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public AttemptDirectory Open(JobId job, PlatformKey platform, int attempt)
    {
        var path = PathOf(job, platform, attempt);
        Make(PathOf(job));
        Make(System.IO.Path.GetDirectoryName(path)!);
        return new(path) { IsNew = Make(path) };
    }

    /// <summary>
    /// Moves a collected file into the directory of an attempt, flushed, replacing one of the same name. Over the borders
    /// of file systems it is copied aside first: it is there whole or not at all.
    /// </summary>
    /// <param name="directory">The attempt's, or one in it.</param>
    /// <param name="file">A regular file; a link is refused. It is gone afterwards.</param>
    /// <returns>Its new path.</returns>
    /// <exception cref="IOException">It is not a regular file, or cannot be moved; nothing is left half done.</exception>
    public static string MoveIn(string directory, string file)
    {
        var target = System.IO.Path.Combine(directory, System.IO.Path.GetFileName(file));
        using (var source = FileSystem.OpenFile(file))
        {
            if (FileSystem.Status(source).Kind != FileKind.Regular)
                throw new IOException($"cannot move '{file}' to '{directory}': it is not a regular file");
            RandomAccess.FlushToDisk(source);
        }
        FaultPoint.Reach(FaultPoints.CollectFlushed);
        try
        {
            FileSystem.Rename(file, target);
        }
        catch (PosixException e) when (e.Errno == Errno.EXDEV)
        {
            CopyIn(file, target);
            File.Delete(file);
        }
        FaultPoint.Reach(FaultPoints.CollectMoved);
        FileSystem.FlushDirectory(directory);
        return target;
    }

    private static void CopyIn(string file, string target)
    {
        var (directory, name) = DurableFile.Split(target);
        var aside = DurableFile.Aside(directory, name);
        try
        {
            File.Copy(file, aside);
            using (var copy = FileSystem.OpenFile(aside))
                RandomAccess.FlushToDisk(copy);
            FileSystem.Rename(aside, target);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    private static bool Make(string path)
    {
        try
        {
            FileSystem.MakeDirectory(path, SpoolModes.PublicDirectory);
            return true;
        }
        catch (PosixException e)
            when (e.Errno == Errno.EEXIST && FileSystem.LinkStatus(path)?.Kind == FileKind.Directory)
        {
            return false;
        }
    }
}
