using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PkgForge.Native;

/// <summary>
/// What .NET's file API lacks: durable directories, renames that never replace, opens that never follow. Every
/// failure is a <see cref="PosixException"/> that names the path.
/// </summary>
public static class FileSystem
{
    /// <summary>Makes a directory with exactly this mode, whatever the umask is.</summary>
    /// <exception cref="PosixException">It is there already, or cannot be made.</exception>
    public static void MakeDirectory(string path, UnixFileMode mode)
    {
        Check(Libc.mkdir(Bytes(path), (uint)(mode & (UnixFileMode)0x1FF)), "make directory", path);
        File.SetUnixFileMode(path, mode);
    }

    /// <summary>
    /// Writes a directory's entries to the disk: after this, what was made, renamed or removed in it stays so when the
    /// power fails.
    /// </summary>
    public static void FlushDirectory(string path)
    {
        using var directory = OpenArea(path);
        Check(Libc.fsync(directory), "flush directory", path);
    }

    /// <summary>
    /// Gives a file a second name. Returns false, having changed nothing, when it cannot have one there: another file
    /// system, or another owner's file.
    /// </summary>
    public static bool TryLink(string existing, string name) => Libc.link(Bytes(existing), Bytes(name)) == 0;

    /// <summary>Renames a file or directory, replacing a file that has the new name. One step for every onlooker.</summary>
    public static void Rename(string from, string to) =>
        Check(Libc.rename(Bytes(from), Bytes(to)), "rename", $"{from}' to '{to}");

    /// <summary>
    /// Renames a directory to a name that nothing has. Returns false, having changed nothing, when the name is taken.
    /// </summary>
    public static bool RenameDirectoryToNew(string from, string to)
    {
        if (Libc.renameat2(Libc.AT_FDCWD, Bytes(from), Libc.AT_FDCWD, Bytes(to), Libc.RENAME_NOREPLACE) == 0)
            return true;
        // NFS has no RENAME_NOREPLACE. A plain rename of a directory replaces nothing but an empty directory.
        if (Marshal.GetLastPInvokeError() is Errno.EINVAL or Errno.ENOSYS && Libc.rename(Bytes(from), Bytes(to)) == 0)
            return true;
        var errno = Marshal.GetLastPInvokeError();
        return errno is Errno.EEXIST or Errno.ENOTEMPTY or Errno.ENOTDIR && Exists(to)
            ? false
            : throw new PosixException("rename", $"{from}' to '{to}", errno);
    }

    /// <summary>True when there is anything under this name, be it a link that leads nowhere.</summary>
    public static bool Exists(string path) => LinkStatus(path) is not null;

    /// <summary>True when the process, by its effective user and groups, may write what the path leads to.</summary>
    public static bool CanWrite(string path)
    {
        const int WriteAccess = 2;
        const int ByEffectiveIds = 0x200;
        return Libc.faccessat(Libc.AT_FDCWD, Bytes(path), WriteAccess, ByEffectiveIds) == 0;
    }

    /// <summary>Sets owner and group of what the path leads to.</summary>
    public static void ChangeOwner(string path, uint owner, uint group) =>
        Check(Libc.chown(Bytes(path), owner, group), "change the owner of", path);

    /// <summary>Sets owner and group; of a link, the link's own.</summary>
    public static void ChangeLinkOwner(string path, uint owner, uint group) =>
        Check(Libc.lchown(Bytes(path), owner, group), "change the owner of", path);

    /// <summary>Status of what the path leads to; null when there is nothing.</summary>
    public static FileStatus? Status(string path) => Status(path, 0);

    /// <summary>Status of what is at the path itself, a link not followed; null when there is nothing.</summary>
    public static FileStatus? LinkStatus(string path) => Status(path, Libc.AT_SYMLINK_NOFOLLOW);

    /// <summary>Status of an open file or directory.</summary>
    public static unsafe FileStatus Status(SafeFileHandle handle)
    {
        StatxBuffer buffer;
        Check(
            Libc.statx(handle, Bytes(""), Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, &buffer),
            "look at",
            "open file"
        );
        return FileStatus.From(buffer);
    }

    /// <summary>Bytes and files that an ordinary user may still write into the file system of a path; of files more than anybody makes where it does not count them.</summary>
    public static (long Bytes, long Files) Room(string path)
    {
        var look = FileSystemOf(path);
        var bytes = look.AvailableFragments * look.Fragment;
        return ((long)bytes, look.AllFiles == 0 ? long.MaxValue : (long)look.AvailableFiles);
    }

    /// <summary>Bytes that are taken in the file system of a path.</summary>
    public static long Used(string path)
    {
        var look = FileSystemOf(path);
        return (long)((look.AllFragments - look.FreeFragments) * look.Fragment);
    }

    private static unsafe StatvfsBuffer FileSystemOf(string path)
    {
        StatvfsBuffer buffer;
        Check(Libc.statvfs(Bytes(path), &buffer), "look at the file system of", path);
        return buffer;
    }

    /// <summary>Opens a directory of the farm's own, which its administrator may have made a link.</summary>
    internal static SafeFileHandle OpenArea(string path)
    {
        var flags = Libc.O_DIRECTORY | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
        return Handle(Libc.open(Bytes(path), flags, 0), "open directory", path);
    }

    /// <summary>Opens a directory to list it or to flush it. A link in its place is refused (ENOTDIR).</summary>
    public static SafeFileHandle OpenDirectory(string path)
    {
        var flags = Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
        return Handle(Libc.open(Bytes(path), flags, 0), "open directory", path);
    }

    /// <summary>
    /// Opens a file to read it. A link in its place is refused (ELOOP), a FIFO does not block; what it is must be asked
    /// of <see cref="Status(SafeFileHandle)"/>.
    /// </summary>
    public static SafeFileHandle OpenFile(string path) =>
        Handle(Libc.open(Bytes(path), Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0), "open", path);

    /// <summary>Opens a file that is there to write at its end, wherever that is by then. A link in its place is refused (ELOOP).</summary>
    public static SafeFileHandle OpenToAppend(string path) =>
        Handle(
            Libc.open(Bytes(path), Libc.O_WRONLY | Libc.O_APPEND | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0),
            "open",
            path
        );

    /// <summary>As <see cref="OpenFile(string)"/>, for an entry of an open directory, which so cannot be exchanged on the way.</summary>
    internal static SafeFileHandle OpenFile(SafeFileHandle directory, string name)
    {
        var flags = Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
        return Handle(Libc.openat(directory, Bytes(name), flags, 0), "open", name);
    }

    /// <summary>Status of an entry of an open directory, a link not followed; null when it is gone.</summary>
    internal static unsafe FileStatus? Status(SafeFileHandle directory, byte[] name)
    {
        StatxBuffer buffer;
        var result = Libc.statx(directory, name, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, &buffer);
        return Found(result, Encoding.UTF8.GetString(name).TrimEnd('\0')) ? FileStatus.From(buffer) : null;
    }

    internal static SafeFileHandle Handle(int fd, string action, string path)
    {
        Check(fd, action, path);
        return new(fd, ownsHandle: true);
    }

    internal static void Check(int result, string action, string path)
    {
        if (result < 0)
            throw PosixException.Last(action, path);
    }

    /// <summary>A path as the system calls take it. A NUL inside would cut it short, so it is refused.</summary>
    internal static byte[] Bytes(string path) =>
        path.Contains('\0')
            ? throw new ArgumentException("a path with a NUL character", nameof(path))
            : Encoding.UTF8.GetBytes(path + '\0');

    private static unsafe FileStatus? Status(string path, int flags)
    {
        StatxBuffer buffer;
        var result = Libc.statx(Libc.AT_FDCWD, Bytes(path), flags, Libc.STATX_BASIC_STATS, &buffer);
        return Found(result, path) ? FileStatus.From(buffer) : null;
    }

    private static bool Found(int result, string path)
    {
        if (result == 0)
            return true;
        return Marshal.GetLastPInvokeError() is Errno.ENOENT or Errno.ENOTDIR
            ? false
            : throw PosixException.Last("look at", path);
    }
}
