using System.Security.Cryptography;
using PkgForge.Native;

namespace PkgForge.Spool;

/// <summary>Writes files that are there whole or not at all, also after a power failure.</summary>
public static class DurableFile
{
    /// <summary>
    /// Writes a file aside, flushes it, renames it into place (replacing a file of that name) and flushes the directory.
    /// If the process dies before the rename, the old file is untouched and a <c>.NAME.XXXXXX.tmp</c> stays behind; if
    /// after it, the new file is there. When the method returns, it is there for good. Mode 0644.
    /// </summary>
    /// <exception cref="IOException">The disk is full or fails; nothing stays behind.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written to.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var (directory, name) = Split(path);
        var aside = Aside(directory, name);
        try
        {
            WriteNew(aside, content, SpoolModes.PublicFile);
            FaultPoint.Reach(FaultPoints.ResultsBeforeRename);
            FileSystem.Rename(aside, path);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
        FaultPoint.Reach(FaultPoints.ResultsRenamed);
        FileSystem.FlushDirectory(directory);
    }

    /// <summary>Writes and flushes a new file; its name is durable once the directory is flushed.</summary>
    internal static void WriteNew(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        RandomAccess.Write(file, content, 0);
        File.SetUnixFileMode(file, mode);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>A name that nobody uses, hidden, and recognised as left over by its ending.</summary>
    internal static string Aside(string directory, string name) =>
        Path.Combine(directory, $".{name}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.tmp");

    internal static (string Directory, string Name) Split(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return (Path.GetDirectoryName(full) ?? "/", Path.GetFileName(full));
    }
}
