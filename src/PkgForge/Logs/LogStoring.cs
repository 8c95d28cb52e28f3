using PkgForge.Native;
using PkgForge.Spool;

namespace PkgForge.Logs;

/// <summary>
/// Gives the log of an attempt that has ended its stored form: (1) writes it aside, flushed; (2) gives it its name by one rename, flushed; (3) removes what
/// others have left aside; (4) removes the plain file.
/// <para>
/// Guaranteed if the process dies: before (2) the plain file is the log, and what lies aside is removed by whoever stores it later; after (2) the stored
/// one is, and a plain file beside it is nothing; after (4) there is nothing else. What is stored never changes. Two who store one log at once do the same twice at worst.
/// </para>
/// </summary>
public static class LogStoring
{
    /// <summary>A log that fits into a block of the disk stays as it is: nothing would be saved.</summary>
    public const int Smallest = 4096;

    /// <summary>Stores a log that nobody writes any more.</summary>
    /// <param name="path">Where its plain form is.</param>
    /// <param name="cancel">Gives up; the plain form stays then.</param>
    /// <returns>False when another process is at it.</returns>
    /// <exception cref="IOException">The disk is full, or fails: the plain form stays.</exception>
    /// <exception cref="FarmFaultException">A damaged stored form is there already.</exception>
    public static async Task<bool> StoreAsync(string path, CancellationToken cancel)
    {
        if (LogFile.TryOpenRegular(path) is not { } handle)
            return true;
        using var plain = new PlainLog(handle);
        if (!FileLock.TryHold(handle))
            return false;
        // Somebody may have stored it before the lock was had.
        if (LogFile.TryOpenRegular(path + LogFile.StoredSuffix) is { } there)
            StoredLog.Open(there, path + LogFile.StoredSuffix).Dispose();
        else if (plain.Length <= Smallest || !FileSystem.Exists(path))
            return true;
        else
            await WriteAsync(plain, path, cancel);
        RemoveAside(path);
        File.Delete(path);
        FaultPoint.Reach(FaultPoints.LogRemoved);
        var (directory, _) = DurableFile.Split(path);
        FileSystem.FlushDirectory(directory);
        return true;
    }

    /// <summary>What processes have left aside that died. Before the plain file goes: without it nobody looks here again.</summary>
    private static void RemoveAside(string path)
    {
        var (directory, name) = DurableFile.Split(path + LogFile.StoredSuffix);
        foreach (var left in Directory.EnumerateFiles(directory, $".{name}.*.tmp"))
            File.Delete(left);
    }

    private static async Task WriteAsync(PlainLog plain, string path, CancellationToken cancel)
    {
        FaultPoint.Reach(FaultPoints.LogBegan);
        var (directory, name) = DurableFile.Split(path + LogFile.StoredSuffix);
        var aside = DurableFile.Aside(directory, name);
        try
        {
            await using (
                var file = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0)
            )
            {
                await LogFrames.WriteAsync(plain, file, cancel); // (1)
                File.SetUnixFileMode(file.SafeFileHandle, FileSystem.Status(plain.Handle).Mode);
                FaultPoint.Reach(FaultPoints.LogWritten);
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }
            FaultPoint.Reach(FaultPoints.LogFlushed);
            FileSystem.Rename(aside, Path.Combine(directory, name)); // (2)
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
        FaultPoint.Reach(FaultPoints.LogRenamed);
        FileSystem.FlushDirectory(directory);
    }
}
