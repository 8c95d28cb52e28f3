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
    public static FileLock? TryTake(string path) => Try(path, Libc.LOCK_EX);

    /// <summary>Takes a share of the lock without waiting: any number may, as long as nobody has taken it whole. Null when somebody has.</summary>
    /// <exception cref="PosixException">As <see cref="TryTake"/>.</exception>
    public static FileLock? TryShare(string path) => Try(path, Libc.LOCK_SH);

    private static FileLock? Try(string path, int kind)
    {
        var file = Open(path);
        if (Libc.flock(file, kind | Libc.LOCK_NB) == 0)
            return new(file);
        var errno = Marshal.GetLastPInvokeError();
        file.Dispose();
        return errno == Errno.EAGAIN ? null : throw new PosixException("lock", path, errno);
    }

    /// <summary>
    /// Takes the lock on a file that is open, as long as it is. Returns false when another process, or another part of this one, has it; on a file
    /// system without locks everybody gets it.
    /// </summary>
    internal static bool TryHold(SafeFileHandle file) =>
        Libc.flock(file, Libc.LOCK_EX | Libc.LOCK_NB) == 0 || Marshal.GetLastPInvokeError() != Errno.EAGAIN;

    /// <summary>Takes the lock, after whoever has it.</summary>
    /// <exception cref="PosixException">The file cannot be made or opened, or is a link.</exception>
    public static async Task<FileLock> TakeAsync(string path, CancellationToken cancel)
    {
        var file = Open(path);
        // flock(2) cannot be interrupted from here. A caller that gives up leaves the wait to its thread, which lets go at once.
        var taken = Task.Factory.StartNew(
            () => FileSystem.Check(Libc.flock(file, Libc.LOCK_EX), "lock", path),
            CancellationToken.None,
            // The thread ends with the wait: the caller does not go on in it.
            TaskCreationOptions.LongRunning | TaskCreationOptions.RunContinuationsAsynchronously,
            TaskScheduler.Default
        );
        try
        {
            await taken.WaitAsync(cancel);
            return new(file);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            _ = taken.ContinueWith(_ => file.Dispose(), CancellationToken.None, default, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => handle.Dispose();

    private static SafeFileHandle Open(string path)
    {
        var flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
        return FileSystem.Handle(Libc.open(FileSystem.Bytes(path), flags, Mode), "open lock file", path);
    }
}
