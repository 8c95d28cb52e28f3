using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using PkgForge.Native;

namespace PkgForge.Sources;

/// <summary>
/// A regular file, open for reading. Nothing else is ever opened: a symbolic link is not followed, and a FIFO or device
/// is neither waited for nor read.
/// </summary>
internal sealed class RegularFile : IDisposable
{
    private RegularFile(SafeFileHandle handle, long size) => (Handle, Size) = (handle, size);

    public SafeFileHandle Handle { get; }

    /// <summary>Length in bytes when it was opened.</summary>
    public long Size { get; }

    /// <summary>What is at a path without opening it; null when it is a regular file with content.</summary>
    /// <exception cref="IOException">The machine failed.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be searched.</exception>
    public static Broken? Inspect(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal))
            return Missing;
        var error = Posix.LStat(path, out var stat);
        return error == 0 ? Fault(stat) : Absent(error) ?? throw Posix.Failure("stat", error, path);
    }

    /// <summary>Opens a regular file that is not empty.</summary>
    /// <remarks>The type is looked at before opening, because to open a device can do something, and again on the
    /// handle, because the path can change in between.</remarks>
    /// <exception cref="IOException">The machine failed.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static bool TryOpen(
        string path,
        [NotNullWhen(true)] out RegularFile? file,
        [NotNullWhen(false)] out Broken? broken
    )
    {
        file = null;
        broken = Inspect(path);
        if (broken is not null)
            return false;
        var error = Posix.OpenToRead(path, out var handle);
        var stat = error == 0 ? Posix.Stat(handle) : default;
        broken = error == 0 ? Fault(stat) : Absent(error) ?? throw Posix.Failure("open", error, path);
        if (broken is null)
            file = new(handle, stat.Size);
        else
            handle.Dispose();
        return file is not null;
    }

    public void Dispose() => Handle.Dispose();

    private static Broken Missing { get; } = new("missing", "is not there");

    private static Broken? Fault(FileStat stat) =>
        stat switch
        {
            { IsSymbolicLink: true } => new("symlink", "is a symbolic link; the file itself is expected"),
            { IsDirectory: true } => new("directory", "is a directory; a file is expected"),
            { IsRegular: false } => new("not-regular", "is a FIFO, socket or device; a regular file is expected"),
            { Size: 0 } => new("empty", "is empty"),
            _ => null,
        };

    private static Broken? Absent(int error) =>
        error switch
        {
            Posix.ENOENT or Posix.ENOTDIR or Posix.ENAMETOOLONG => Missing,
            Posix.ELOOP => new("symlink", "is a symbolic link; the file itself is expected"),
            _ => null,
        };
}
