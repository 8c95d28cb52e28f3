using Microsoft.Win32.SafeHandles;

namespace PkgForge.Logs;

/// <summary>A log as the build printed it: a file that may grow.</summary>
internal sealed class PlainLog(SafeFileHandle file) : LogFile
{
    public override long Length => RandomAccess.GetLength(file);

    /// <summary>The file itself.</summary>
    public SafeFileHandle Handle => file;

    public override int Read(Span<byte> bytes, long offset) => RandomAccess.Read(file, bytes, offset);

    protected override void Dispose(bool disposing) => file.Dispose();
}
