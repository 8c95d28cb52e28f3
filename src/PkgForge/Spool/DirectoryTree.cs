using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using PkgForge.Native;

namespace PkgForge.Spool;

/// <summary>
/// Removes directories that others have filled. No link is followed, no path is looked up twice, names may be any
/// bytes, and neither the number of entries nor the depth is limited: what lies deeper is first renamed up to the top,
/// so that at most two directories are open at a time.
/// </summary>
public static class DirectoryTree
{
    /// <summary>As deep as a tree may be; also the end of it when somebody fills the directory as fast as it is emptied.</summary>
    private const int MaxPasses = 100_000;

    /// <summary>
    /// Removes a directory with all that is in it, or a file or link. What vanishes meanwhile, or is not there at all, is
    /// no error. If the process dies on the way, what is left can be removed by another call.
    /// </summary>
    /// <exception cref="IOException">Something cannot be removed; the message names it.</exception>
    public static void Remove(string path, CancellationToken cancel = default)
    {
        var (directory, name) = DurableFile.Split(path);
        if (FileSystem.Status(directory) is null)
            return;
        using var parent = FileSystem.OpenArea(directory);
        RemoveEntry(parent, FileSystem.Bytes(name), path, cancel);
    }

    internal static void RemoveEntry(SafeFileHandle parent, byte[] name, string path, CancellationToken cancel)
    {
        for (var pass = 0; pass < MaxPasses; pass++)
        {
            cancel.ThrowIfCancellationRequested();
            if (Unlink(parent, name, path))
                return;
            using var directory = Open(parent, name, path);
            if (directory is null)
                continue;
            EmptyOnce(directory, path, cancel);
            if (RemoveDirectory(parent, name, path))
                return;
        }
        throw new IOException($"cannot remove '{path}': it is filled again and again; stop the process that does it");
    }

    /// <summary>Removes the files, and for each directory its files; directories below that move up, for the next pass.</summary>
    private static void EmptyOnce(SafeFileHandle top, string path, CancellationToken cancel)
    {
        foreach (var name in Names(top, path))
        {
            cancel.ThrowIfCancellationRequested();
            if (Unlink(top, name, path))
                continue;
            using var directory = Open(top, name, path);
            if (directory is null)
                continue;
            foreach (var entry in Names(directory, path))
                if (!Unlink(directory, entry, path))
                    MoveUp(directory, entry, top, path);
            RemoveDirectory(top, name, path);
        }
    }

    private static IEnumerable<byte[]> Names(SafeFileHandle directory, string path)
    {
        using var reader = new DirectoryReader(directory, path);
        while (reader.Next() is { } name)
            yield return name;
    }

    /// <summary>Returns false when it is a directory.</summary>
    private static bool Unlink(SafeFileHandle directory, byte[] name, string path)
    {
        if (Libc.unlinkat(directory, name, 0) == 0)
            return true;
        var errno = Marshal.GetLastPInvokeError();
        // EPERM is what POSIX wants for a directory; Linux says EISDIR, but some file systems do not.
        if (errno == Errno.EISDIR || errno == Errno.EPERM && IsDirectory(directory, name))
            return false;
        return errno == Errno.ENOENT ? true : throw Failure(name, path, errno);
    }

    /// <summary>Returns false when it is not empty (yet).</summary>
    private static bool RemoveDirectory(SafeFileHandle parent, byte[] name, string path)
    {
        if (Libc.unlinkat(parent, name, Libc.AT_REMOVEDIR) == 0)
            return true;
        var errno = Marshal.GetLastPInvokeError();
        return errno switch
        {
            Errno.ENOENT => true,
            Errno.ENOTEMPTY or Errno.EEXIST or Errno.ENOTDIR => false,
            _ => throw Failure(name, path, errno),
        };
    }

    private static void MoveUp(SafeFileHandle from, byte[] name, SafeFileHandle top, string path)
    {
        var free = FileSystem.Bytes($".up-{RandomNumberGenerator.GetHexString(32)}");
        if (Libc.renameat(from, name, top, free) == 0)
            return;
        // A directory that changes its parent must itself be writable.
        if (
            Marshal.GetLastPInvokeError() == Errno.EACCES
            && MakeAccessible(from, name)
            && Libc.renameat(from, name, top, free) == 0
        )
            return;
        if (Marshal.GetLastPInvokeError() != Errno.ENOENT)
            throw Failure(name, path, Marshal.GetLastPInvokeError());
    }

    /// <summary>Opens a directory so that it can be emptied; null when it has vanished, or is none any more.</summary>
    private static SafeFileHandle? Open(SafeFileHandle parent, byte[] name, string path)
    {
        var fd = OpenAt(parent, name);
        if (fd < 0 && Marshal.GetLastPInvokeError() == Errno.EACCES && MakeAccessible(parent, name))
            fd = OpenAt(parent, name);
        if (fd < 0)
            return Marshal.GetLastPInvokeError() is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP
                ? null
                : throw Failure(name, path, Marshal.GetLastPInvokeError());
        var directory = new SafeFileHandle(fd, ownsHandle: true);
        var status = FileSystem.Status(directory);
        if (
            status.Owner == Accounts.EffectiveUser
            && (status.Mode & SpoolModes.PrivateDirectory) != SpoolModes.PrivateDirectory
        )
            File.SetUnixFileMode(directory, SpoolModes.PrivateDirectory);
        return directory;
    }

    private static int OpenAt(SafeFileHandle parent, byte[] name) =>
        Libc.openat(parent, name, Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0);

    private static bool MakeAccessible(SafeFileHandle parent, byte[] name) =>
        Libc.fchmodat(parent, name, (uint)SpoolModes.PrivateDirectory, Libc.AT_SYMLINK_NOFOLLOW) == 0;

    private static bool IsDirectory(SafeFileHandle parent, byte[] name) =>
        FileSystem.Status(parent, name) is { Kind: FileKind.Directory };

    private static PosixException Failure(byte[] name, string path, int errno) =>
        new("remove", $"{path}' (at '{Text(name)}')", errno);

    private static string Text(byte[] name) => System.Text.Encoding.UTF8.GetString(name).TrimEnd('\0');
}
