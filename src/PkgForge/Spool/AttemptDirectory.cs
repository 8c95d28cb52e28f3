using PkgForge.Native;

namespace PkgForge.Spool;

/// <summary>The results directory of one attempt: <c>JOB/PLATFORM-ARCHITECTURE/ATTEMPT</c>.</summary>
/// <param name="Path">Its full path.</param>
public sealed record AttemptDirectory(string Path)
{
    /// <summary>Whoever opened it has made it. Of several who do at once, one has.</summary>
    public bool IsNew { get; init; }

    /// <summary>The log of the attempt in its plain form; <see cref="Logs.LogFile"/> reads it in either.</summary>
    public string Log => System.IO.Path.Combine(Path, "log");

    /// <summary>Where its products lie; there is no such directory while there is none.</summary>
    public string Products => System.IO.Path.Combine(Path, "products");

    /// <summary>Writes the log and every directory on the way to it to the disk.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public void Flush()
    {
        if (File.Exists(Log))
        {
            using var log = FileSystem.OpenFile(Log);
            RandomAccess.FlushToDisk(log);
        }
        // The attempt, the platform, the job, the area: each holds the name of the one before it.
        var directory = Path;
        for (var level = 0; level < 4; level++)
        {
            FileSystem.FlushDirectory(directory);
            directory = System.IO.Path.GetDirectoryName(directory)!;
        }
    }
}
