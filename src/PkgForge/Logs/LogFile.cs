using Microsoft.Win32.SafeHandles;
using PkgForge.Native;

namespace PkgForge.Logs;

/// <summary>
/// The log of an attempt, whichever form it has: the plain file that grows while the build prints, or the stored one (<see cref="StoredLog"/>) that
/// takes its place when the attempt has ended. Both have the same bytes at the same offsets. A log that is open stays readable when it changes its form.
/// </summary>
public abstract class LogFile : IDisposable
{
    /// <summary>What the stored form has at the end of its name.</summary>
    public const string StoredSuffix = ".zst";

    /// <summary>Bytes in it. The plain form may grow.</summary>
    public abstract long Length { get; }

    /// <summary>Where its lines are, if that is stored with it; null otherwise.</summary>
    public virtual LineTable? Lines => null;

    /// <summary>Opens a log.</summary>
    /// <param name="path">Where its plain form is, or was.</param>
    /// <returns>Null when there is none of either form, or something else is there.</returns>
    /// <exception cref="FarmFaultException">Its stored form is damaged.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static LogFile? TryOpen(string path)
    {
        // It may be stored between the first look and the second: then it is there at the third.
        for (var looks = 0; looks < 2; looks++)
        {
            if (TryOpenRegular(path + StoredSuffix) is { } stored)
                return StoredLog.Open(stored, path + StoredSuffix);
            if (TryOpenRegular(path) is { } plain)
                return new PlainLog(plain);
        }
        return null;
    }

    /// <summary>The file of a log's stored form, as it is; null when the log has none.</summary>
    /// <param name="path">Where its plain form is, or was.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileStream? OpenStored(string path) =>
        TryOpenRegular(path + StoredSuffix) is { } file ? new(file, FileAccess.Read, bufferSize: 0) : null;

    /// <summary>Reads what there is from an offset on; like read(2) perhaps less than was asked for, and nothing only at the end.</summary>
    /// <exception cref="FarmFaultException">Its stored form is damaged there.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public abstract int Read(Span<byte> bytes, long offset);

    /// <summary>Reads until all is filled, or the log ends.</summary>
    /// <returns>How much was read.</returns>
    /// <inheritdoc cref="Read"/>
    public int Fill(Span<byte> bytes, long offset)
    {
        var filled = 0;
        for (int read; filled < bytes.Length && (read = Read(bytes[filled..], offset + filled)) > 0; )
            filled += read;
        return filled;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what it holds.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>A regular file to be read; null when there is none of that name, or a link.</summary>
    internal static SafeFileHandle? TryOpenRegular(string path)
    {
        try
        {
            var file = FileSystem.OpenFile(path);
            if (FileSystem.Status(file).Kind == FileKind.Regular)
                return file;
            file.Dispose();
        }
        catch (PosixException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP)
        {
            // Not there, or a link.
        }
        return null;
    }
}
