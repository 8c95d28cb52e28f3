using System.Security.Cryptography;
using PkgForge.Native;

namespace PkgForge.Spool;

/// <summary>Writes files that are there whole or not at all, also after a power failure.</summary>
internal static class DurableFile
{
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
