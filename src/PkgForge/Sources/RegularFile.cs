using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using PkgForge.Native;

namespace PkgForge.Sources;

/// <summary>
/// A regular file, open for reading. Nothing else is ever opened: a symbolic link is not followed, and a FIFO or device
/// is neither waited for nor read. Only the last part of the path is guarded so: the directory is the caller's choice.
/// </summary>
internal sealed class RegularFile : IDisposable
{
    private static readonly Broken Missing = new("missing", "is not there");
    private static readonly Broken Link = new("symlink", "is a symbolic link; the file itself is expected");

    private RegularFile(SafeFileHandle handle, long size) => (Handle, Size) = (handle, size);

    public SafeFileHandle Handle { get; }

    /// <summary>Length in bytes when it was opened.</summary>
    public long Size { get; }

    /// <summary>What is wrong with what lies at a path, found without opening it; null for a regular file with content.</summary>
    /// <exception cref="IOException">The machine failed, or the directory may not be searched.</exception>
    public static Broken? Inspect(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            return Missing;
        try
        {
            return Fault(FileSystem.LinkStatus(path));
        }
        catch (PosixException e) when (Absent(e) is { } broken)
        {
            return broken;
        }
    }

    /// <summary>Opens a regular file that is not empty.</summary>
    /// <remarks>The type is looked at before opening, because to open a device can do something, and again on the
    /// handle, because the path can change in between.</remarks>
    /// <exception cref="IOException">The machine failed, or the file may not be read.</exception>
    public static bool TryOpen(
        string path,
        [NotNullWhen(true)] out RegularFile? file,
        [NotNullWhen(false)] out Broken? broken
    )
    {
        file = null;
        broken = Inspect(path) ?? Open(path, out file);
        if (broken is null && file is null)
            throw new InvalidOperationException("a file without a fault must be open");
        return broken is null;
    }

    public void Dispose() => Handle.Dispose();

    private static Broken? Open(string path, out RegularFile? file)
    {
        file = null;
        try
        {
            var handle = FileSystem.OpenFile(path);
            var status = FileSystem.Status(handle);
            file = new(handle, status.Size);
            if (Fault(status) is not { } broken)
                return null;
            file.Dispose();
            return broken;
        }
        catch (PosixException e) when (Absent(e) is { } broken)
        {
            return broken;
        }
    }

    private static Broken? Fault(FileStatus? status) =>
        status switch
        {
            null => Missing,
            { Kind: FileKind.SymbolicLink } => Link,
            { Kind: FileKind.Directory } => new("directory", "is a directory; a file is expected"),
            { Kind: FileKind.Other } => new("not-regular", "is a FIFO, socket or device; a regular file is expected"),
            { Size: 0 } => new("empty", "is empty"),
            _ => null,
        };

    /// <summary>Errors that tell of the path, not of the machine.</summary>
    private static Broken? Absent(PosixException e) =>
        e.Errno switch
        {
            Errno.ENOENT or Errno.ENOTDIR or Errno.ENAMETOOLONG => Missing,
            Errno.ELOOP => Link,
            _ => null,
        };
}
