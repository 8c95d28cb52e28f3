using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PkgForge.Native;

/// <summary>
/// The system calls that the framework has no safe form of. Names, flags and structures are those of the Linux manual
/// pages. Nothing here decides anything; callers give the meaning.
/// </summary>
internal static partial class Posix
{
    internal const int ENOENT = 2;
    internal const int EACCES = 13;
    internal const int ENOTDIR = 20;
    internal const int ENAMETOOLONG = 36;
    internal const int ELOOP = 40;

    private const int AT_FDCWD = -100;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_BASIC_STATS = 0x7ff;

    private const int O_NONBLOCK = 0x800;
    private const int O_CLOEXEC = 0x80000;

    /// <summary>The one flag here whose number depends on the architecture.</summary>
    private static readonly int O_NOFOLLOW =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>What lies at a path; a symbolic link is told, not followed. Zero, or the errno.</summary>
    internal static int LStat(string path, out FileStat stat) => StatX(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, out stat);

    /// <summary>What an open handle refers to.</summary>
    /// <exception cref="IOException">The call failed.</exception>
    internal static FileStat Stat(SafeFileHandle handle)
    {
        var error = StatX((int)handle.DangerousGetHandle(), "", AT_EMPTY_PATH, out var stat);
        return error == 0 ? stat : throw Failure("stat", error, path: null);
    }

    /// <summary>
    /// Opens a file for reading. A symbolic link fails with <see cref="ELOOP"/>, and a FIFO without a writer or a
    /// device that is not ready does not block. Zero, or the errno.
    /// </summary>
    internal static int OpenToRead(string path, out SafeFileHandle handle)
    {
        var descriptor = Open(path, O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        var error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return error;
    }

    /// <summary>The exception for an errno that is a fault of the machine or of its set-up.</summary>
    internal static Exception Failure(string call, int error, string? path)
    {
        var message = $"{call} {path}: {new Win32Exception(error).Message}";
        return error == EACCES ? new UnauthorizedAccessException(message) : new IOException(message, error);
    }

    private static int StatX(int directory, string path, int flags, out FileStat stat)
    {
        var failed = StatX(directory, path, flags, STATX_BASIC_STATS, out StatXBuffer buffer) != 0;
        stat = failed ? default : new(buffer.Mode, (long)buffer.Size);
        return failed ? Marshal.GetLastPInvokeError() : 0;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, out StatXBuffer buffer);

    /// <summary>struct statx: the same on every architecture, which struct stat is not.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatXBuffer
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(40)]
        public ulong Size;
    }
}

/// <summary>Type, permissions and size of a file.</summary>
/// <param name="Mode">Type and permission bits, as st_mode.</param>
/// <param name="Size">Length in bytes of a regular file.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileStat(int Mode, long Size)
{
    private const int S_IFMT = 0xf000;

    internal bool IsRegular => (Mode & S_IFMT) == 0x8000;

    internal bool IsSymbolicLink => (Mode & S_IFMT) == 0xa000;

    internal bool IsDirectory => (Mode & S_IFMT) == 0x4000;
}
