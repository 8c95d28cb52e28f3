using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PkgForge.Native;

/// <summary>
/// An exclusive lock on a file (flock(2)), held until disposed or until the process ends, however it ends. The file
/// stays: to remove it would let two processes lock two files of one name.
/// </summary>
public sealed class FileLock : IDisposable
{
    /// <summary>Mode 0644.</summary>
    private const uint Mode = 0x1A4;

    private readonly SafeFileHandle handle;

    private FileLock(SafeFileHandle handle) => this.handle = handle;

    /// <summary>Takes the lock without waiting. Returns null when another process, or another part of this one, has it.</summary>
    /// <exception cref="PosixException">The file cannot be made or opened, or is a link.</exception>
    public static FileLock? TryTake(string path)
    {
        var flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
        var file = FileSystem.Handle(Libc.open(FileSystem.Bytes(path), flags, Mode), "open lock file", path);
        if (Libc.flock(file, Libc.LOCK_EX | Libc.LOCK_NB) == 0)
            return new(file);
        var errno = Marshal.GetLastPInvokeError();
        file.Dispose();
        return errno == Errno.EAGAIN ? null : throw new PosixException("lock", path, errno);
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => handle.Dispose();
}
