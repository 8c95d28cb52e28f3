using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PkgForge.Server.Publishing;

/// <summary>What publishing needs of the file system beyond .NET's file API: hard links, plain renames, flushed directories, locks.</summary>
internal static partial class Disk
{
    private const int OpenReadOnly = 0;
    private const int OpenReadWrite = 2;
    private const int Create = 0x40;
    private const int CloseOnExec = 0x80000;
    private const int LockExclusive = 2;
    private const int UserReadWriteOthersRead = 0x1A4;

    private const UnixFileMode PublicFile =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode PublicDirectory =
        PublicFile | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Gives a file a second name; false where the file system or the file's owner does not allow it.</summary>
    public static bool TryLink(string existing, string name) => link(existing, name) == 0;

    /// <summary>Gives a file a second name, or copies it where that cannot be.</summary>
    public static void LinkOrCopy(string existing, string name)
    {
        if (!TryLink(existing, name))
            File.Copy(existing, name);
    }

    /// <summary>rename(2): of files, directories and links, which are not followed; replaces in one step.</summary>
    /// <exception cref="IOException">It could not be done.</exception>
    public static void Rename(string from, string to)
    {
        if (rename(from, to) != 0)
            throw Failed("rename", $"{from} to {to}");
    }

    /// <summary>Makes a directory and what is above it, readable to everybody whatever the umask is; flushes what it is made in.</summary>
    public static void MakeDirectory(string path)
    {
        if (Directory.Exists(path))
            return;
        var parent = Path.GetDirectoryName(path)!;
        MakeDirectory(parent);
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, PublicDirectory);
        Flush(parent);
    }

    /// <summary>Makes a file public, and sure that its content is on disk.</summary>
    public static void Settle(string file)
    {
        if (File.GetUnixFileMode(file) != PublicFile)
            File.SetUnixFileMode(file, PublicFile);
        Flush(file);
    }

    /// <summary>Makes everything in a new directory public, and sure that it is on disk, the directories after their content.</summary>
    public static void SettleTree(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory))
            Settle(file);
        foreach (var inner in Directory.EnumerateDirectories(directory))
            SettleTree(inner);
        File.SetUnixFileMode(directory, PublicDirectory);
        Flush(directory);
    }

    /// <summary>fsync(2) of a file or directory.</summary>
    public static void Flush(string path)
    {
        using var handle = Open(path, OpenReadOnly);
        if (fsync(handle) != 0)
            throw Failed("flush", path);
    }

    /// <summary>
    /// Waits for the exclusive lock of a file, which is made if need be. The lock is held until the handle is disposed or
    /// the process ends, however it ends.
    /// </summary>
    public static async Task<IDisposable> LockAsync(string path, CancellationToken cancel)
    {
        var handle = Open(path, OpenReadWrite | Create);
        // The wait cannot be interrupted, so a caller that gives up leaves it to a thread of its own, which lets go at once.
        var taken = Task.Factory.StartNew(
            () => flock(handle, LockExclusive) == 0 ? 0 : throw Failed("lock", path),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        try
        {
            await taken.WaitAsync(cancel);
            return handle;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            _ = taken.ContinueWith(_ => handle.Dispose(), TaskScheduler.Default);
            throw;
        }
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        var handle = open(path, flags | CloseOnExec, UserReadWriteOthersRead);
        if (!handle.IsInvalid)
            return handle;
        handle.Dispose();
        throw Failed("open", path);
    }

    private static IOException Failed(string action, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new($"cannot {action} {path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string existing, string name);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);
}
