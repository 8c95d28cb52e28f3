using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PkgForge.Native;

/// <summary>
/// The calls to the C library for files and accounts that .NET has no equivalent for. Names are those of the manual
/// pages; paths are NUL-terminated bytes, because a hostile file name need not be UTF-8.
/// </summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc.so.6";

    internal const int AT_FDCWD = -100;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_REMOVEDIR = 0x200;
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const uint RENAME_NOREPLACE = 1;
    internal const int LOCK_SH = 1;
    internal const int LOCK_EX = 2;
    internal const int LOCK_NB = 4;

    internal const int PR_SET_SECCOMP = 22;
    internal const int PR_SET_NO_NEW_PRIVS = 38;
    internal const int SECCOMP_MODE_FILTER = 2;

    internal const int O_WRONLY = 1;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_NOCTTY = 0x100;
    internal const int O_APPEND = 0x400;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;

    internal const nuint TIOCGWINSZ = 0x5413;
    internal const nuint TIOCSWINSZ = 0x5414;

    /// <summary>These two are the only flags here whose numbers differ between x64 and arm64.</summary>
    internal static readonly int O_DIRECTORY = IsArm ? 0x4000 : 0x10000;
    internal static readonly int O_NOFOLLOW = IsArm ? 0x8000 : 0x20000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int setenv(byte[] name, byte[] value, int overwrite);

    [LibraryImport(Library)]
    internal static partial uint umask(uint mask);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int openat(SafeHandle dir, byte[] path, int flags, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int open(byte[] path, int flags, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int faccessat(int dir, byte[] path, int mode, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fsync(SafeFileHandle fd);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int flock(SafeFileHandle fd, int operation);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int mkdir(byte[] path, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int link(byte[] existing, byte[] name);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rename(byte[] from, byte[] to);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int renameat2(int fromDir, byte[] from, int toDir, byte[] to, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int renameat(SafeFileHandle fromDir, byte[] from, SafeFileHandle toDir, byte[] to);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int unlinkat(SafeFileHandle dir, byte[] path, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fchmodat(SafeFileHandle dir, byte[] path, uint mode, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int chown(byte[] path, uint owner, uint group);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int lchown(byte[] path, uint owner, uint group);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int statx(int dir, byte[] path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int statx(SafeHandle dir, byte[] path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int statvfs(byte[] path, StatvfsBuffer* buffer);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int dup(SafeFileHandle fd);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int close(int fd);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint fdopendir(int fd);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial byte* readdir(nint dir);

    [LibraryImport(Library)]
    internal static partial void rewinddir(nint dir);

    [LibraryImport(Library)]
    internal static partial int closedir(nint dir);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int setxattr(byte[] path, byte[] name, byte[] value, nuint size, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint getxattr(byte[] path, byte[] name, byte[] value, nuint size);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int removexattr(byte[] path, byte[] name);

    [LibraryImport(Library)]
    internal static partial uint getuid();

    [LibraryImport(Library)]
    internal static partial uint geteuid();

    [LibraryImport(Library)]
    internal static partial uint getgid();

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int initgroups(byte[] user, uint group);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int setgroups(nuint size, uint[] groups);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int setresgid(uint real, uint effective, uint saved);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int setresuid(uint real, uint effective, uint saved);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int setuid(uint uid);

    [LibraryImport(Library)]
    internal static partial int getresuid(out uint real, out uint effective, out uint saved);

    [LibraryImport(Library)]
    internal static partial int getresgid(out uint real, out uint effective, out uint saved);

    [LibraryImport(Library)]
    internal static partial int getpwnam_r(
        byte[] name,
        PasswdBuffer* entry,
        byte* buffer,
        nuint size,
        PasswdBuffer** found
    );

    [LibraryImport(Library)]
    internal static partial int getpwuid_r(
        uint uid,
        PasswdBuffer* entry,
        byte* buffer,
        nuint size,
        PasswdBuffer** found
    );

    [LibraryImport(Library)]
    internal static partial int getgrnam_r(
        byte[] name,
        GroupBuffer* entry,
        byte* buffer,
        nuint size,
        GroupBuffer** found
    );

    [LibraryImport(Library)]
    internal static partial int getgrgid_r(uint gid, GroupBuffer* entry, byte* buffer, nuint size, GroupBuffer** found);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int posix_openpt(int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int grantpt(SafeFileHandle fd);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int unlockpt(SafeFileHandle fd);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ptsname_r(SafeFileHandle fd, byte[] name, nuint size);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(SafeFileHandle fd, nuint request, void* argument);

    [LibraryImport(Library)]
    internal static partial int isatty(int fd);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int tcgetattr(int fd, byte[] settings);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int tcsetattr(int fd, int when, byte[] settings);

    [LibraryImport(Library)]
    internal static partial void cfmakeraw(byte[] settings);

    [LibraryImport(Library)]
    internal static partial int getpid();

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int kill(int pid, int signal);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Library)]
    internal static partial void _exit(int status);
}

/// <summary><c>struct statx</c> (statx(2)): one layout on every architecture, 256 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatxBuffer
{
    [FieldOffset(16)]
    internal uint Links;

    [FieldOffset(20)]
    internal uint Owner;

    [FieldOffset(24)]
    internal uint Group;

    [FieldOffset(28)]
    internal ushort Mode;

    [FieldOffset(32)]
    internal ulong Inode;

    [FieldOffset(40)]
    internal long Size;

    [FieldOffset(96)]
    internal long ChangedSeconds;

    [FieldOffset(104)]
    internal uint ChangedNanoseconds;

    [FieldOffset(112)]
    internal long ModifiedSeconds;

    [FieldOffset(120)]
    internal uint ModifiedNanoseconds;

    [FieldOffset(136)]
    internal uint DeviceMajor;

    [FieldOffset(140)]
    internal uint DeviceMinor;
}

/// <summary><c>struct statvfs</c> (statvfs(3)) of glibc on 64-bit machines, 112 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 112)]
internal struct StatvfsBuffer
{
    [FieldOffset(8)]
    internal ulong Fragment;

    [FieldOffset(16)]
    internal ulong AllFragments;

    [FieldOffset(24)]
    internal ulong FreeFragments;

    [FieldOffset(32)]
    internal ulong AvailableFragments;

    [FieldOffset(40)]
    internal ulong AllFiles;

    [FieldOffset(56)]
    internal ulong AvailableFiles;
}

/// <summary><c>struct passwd</c> of glibc on 64-bit machines.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PasswdBuffer
{
    internal byte* Name;
    internal byte* Password;
    internal uint Uid;
    internal uint Gid;
    internal byte* Gecos;
    internal byte* Home;
    internal byte* Shell;
}

/// <summary><c>struct group</c> of glibc on 64-bit machines.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GroupBuffer
{
    internal byte* Name;
    internal byte* Password;
    internal uint Gid;
    internal byte** Members;
}
