using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using PkgForge.Sources;

namespace PkgForge.Spool;

/// <summary>Copies a file to a new inode, and checks size and digest over the very bytes that it writes.</summary>
internal static class VerifiedCopy
{
    /// <summary>1 MiB: at smaller reads hashing is bound by system calls.</summary>
    private const int BufferSize = 1024 * 1024;

    /// <summary>
    /// Copies and flushes. Never writes more than the expected size and one buffer, however large the source is or grows.
    /// </summary>
    /// <param name="source">An open regular file.</param>
    /// <param name="expected">What the manifest says of it.</param>
    /// <param name="target">A new file; it stays behind, whole or not, whatever comes of it.</param>
    /// <param name="mode">Permission bits of the new file.</param>
    /// <param name="cancel">Stops between two reads.</param>
    /// <returns>Null, or how the file differs from what the manifest says.</returns>
    internal static string? Copy(
        SafeFileHandle source,
        SourceFile expected,
        string target,
        UnixFileMode mode,
        CancellationToken cancel
    )
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = File.OpenHandle(target, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var size = CopyBytes(source, file, sha256, expected.Size, cancel);
        if (size != expected.Size)
            return $"'{expected.Name}' has {(size > expected.Size ? "more than" : "only")} "
                + $"{(size > expected.Size ? expected.Size : size)} bytes; the manifest says {expected.Size}";
        var digest = Convert.ToHexStringLower(sha256.GetHashAndReset());
        if (digest != expected.Sha256)
            return $"'{expected.Name}' has the SHA-256 {digest}; the manifest says {expected.Sha256}";
        File.SetUnixFileMode(file, mode);
        FaultPoint.Reach(FaultPoints.CopyWritten);
        RandomAccess.FlushToDisk(file);
        FaultPoint.Reach(FaultPoints.CopyFlushed);
        return null;
    }

    private static long CopyBytes(
        SafeFileHandle source,
        SafeFileHandle target,
        IncrementalHash hash,
        long most,
        CancellationToken cancel
    )
    {
        var buffer = new byte[BufferSize];
        long size = 0;
        int read;
        while (size <= most && (read = RandomAccess.Read(source, buffer, size)) > 0)
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            RandomAccess.Write(target, buffer.AsSpan(0, read), size);
            size += read;
        }
        return size;
    }
}
