using System.Runtime.InteropServices;

namespace PkgForge.Bench.Measuring;

/// <summary>Calls of the C library under their own names.</summary>
internal static partial class Libc
{
    private const string Library = "libc.so.6";

    public const int SIGTERM = 15;
    public const int O_WRONLY = 1;

    /// <summary>More than a posix_spawn_file_actions_t has on any machine.</summary>
    public const int FileActionsSize = 256;

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_init(byte[] actions);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_destroy(byte[] actions);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn_file_actions_addopen(
        byte[] actions,
        int fd,
        string path,
        int flags,
        uint mode
    );

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawnp(
        out int pid,
        string file,
        byte[] actions,
        nint attributes,
        string?[] arguments,
        string?[] environment
    );

    [LibraryImport(Library, SetLastError = true)]
    public static partial int waitpid(int pid, out int status, int options);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int kill(int pid, int signal);
}
