using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PkgForge.Native;

/// <summary>Reads the names in an open directory, as the bytes that they are.</summary>
internal sealed class DirectoryReader : IDisposable
{
    /// <summary>Offset of <c>d_name</c> in <c>struct dirent</c> on 64-bit Linux.</summary>
    private const int NameOffset = 19;

    private readonly string path;
    private nint stream;

    /// <param name="directory">Stays the caller's; a duplicate is read.</param>
    /// <param name="path">For messages.</param>
    internal DirectoryReader(SafeFileHandle directory, string path)
    {
        this.path = path;
        var duplicate = Libc.dup(directory);
        FileSystem.Check(duplicate, "list", path);
        stream = Libc.fdopendir(duplicate);
        if (stream == 0)
        {
            var error = PosixException.Last("list", path);
            _ = Libc.close(duplicate);
            throw error;
        }
        // The duplicate shares the position with the original, which may have been read before.
        Libc.rewinddir(stream);
    }

    /// <summary>The next name, NUL-terminated, without <c>.</c> and <c>..</c>; null at the end.</summary>
    internal unsafe byte[]? Next()
    {
        while (true)
        {
            var entry = Libc.readdir(stream);
            if (entry is null && Marshal.GetLastPInvokeError() is not (0 or Errno.ENOENT))
                throw PosixException.Last("list", path);
            if (entry is null)
                return null;
            var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameOffset);
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                return [.. name, 0];
        }
    }

    public void Dispose()
    {
        if (stream != 0)
            _ = Libc.closedir(stream);
        stream = 0;
    }
}
