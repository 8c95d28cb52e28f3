using System.Buffers;
using Microsoft.Win32.SafeHandles;
using ZstdSharp;

namespace PkgForge.Logs;

/// <summary>
/// A log in its stored form (docs/formats/spool.md): independent zstd frames (RFC 8878), a skippable frame that says where lines are, and a seek table.
/// To read anywhere takes one frame; of the last one that was read the bytes are kept. Nothing in the file is believed that was not checked.
/// </summary>
internal sealed class StoredLog : LogFile
{
    private readonly SafeFileHandle file;
    private readonly string path;
    private readonly SeekTable table;
    private readonly Lazy<LineTable?> lines;
    private readonly Decompressor decompressor = new();
    private byte[] plain = [];
    private int current = -1;

    private StoredLog(SafeFileHandle file, string path, SeekTable table)
    {
        (this.file, this.path, this.table) = (file, path, table);
        lines = new(ReadLines);
    }

    public override long Length => table.Length;

    public override LineTable? Lines => lines.Value;

    /// <exception cref="FarmFaultException">It is no such file, or damaged.</exception>
    public static StoredLog Open(SafeFileHandle file, string path)
    {
        try
        {
            return new(file, path, SeekTable.Read(file, path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override int Read(Span<byte> bytes, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (bytes.IsEmpty || offset >= table.Length)
            return 0;
        var frame = table.FrameAt(offset);
        Load(frame);
        var within = (int)(offset - table.PlainAt(frame));
        var count = Math.Min(bytes.Length, table.PlainSize(frame) - within);
        plain.AsSpan(within, count).CopyTo(bytes);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        file.Dispose();
        decompressor.Dispose();
        Return(plain);
        (plain, current) = ([], -1);
    }

    private void Load(int frame)
    {
        if (frame == current)
            return;
        current = -1;
        var size = table.PlainSize(frame);
        if (plain.Length < size)
        {
            Return(plain);
            plain = ArrayPool<byte>.Shared.Rent(size);
        }
        var packed = ArrayPool<byte>.Shared.Rent(table.PackedSize(frame));
        try
        {
            var bytes = packed.AsSpan(0, table.PackedSize(frame));
            ReadWhole(bytes, table.PackedAt(frame));
            if (decompressor.Unwrap(bytes, plain.AsSpan(0, size)) != size)
                throw Damaged($"frame {frame + 1} of {table.Frames} has not the {size} bytes that the seek table says");
        }
        catch (ZstdException e)
        {
            throw Damaged($"frame {frame + 1} of {table.Frames}, at byte {table.PackedAt(frame)}: {e.Message}");
        }
        finally
        {
            Return(packed);
        }
        current = frame;
    }

    /// <summary>Null when there is no such frame: the file is of another program.</summary>
    private LineTable? ReadLines()
    {
        if (table.Frames == 0 || table.PlainSize(table.Frames - 1) > 0)
            return null;
        var bytes = new byte[table.PackedSize(table.Frames - 1)];
        ReadWhole(bytes, table.PackedAt(table.Frames - 1));
        if (!LineFrame.Is(bytes))
            return null;
        return LineFrame.Read(bytes, decompressor, table.Length)
            ?? throw Damaged("what it says of its lines cannot be");
    }

    private void ReadWhole(Span<byte> bytes, long offset)
    {
        for (int done = 0, read; done < bytes.Length; done += read)
            if ((read = RandomAccess.Read(file, bytes[done..], offset + done)) == 0)
                throw Damaged("it ends too early");
    }

    private FarmFaultException Damaged(string how) => DamagedAt(path, how);

    internal static FarmFaultException DamagedAt(string path, string how) =>
        new($"the stored log {path} is damaged: {how}; 'zstd -dc' may still read a part of it, a backup has all of it");

    private static void Return(byte[] bytes)
    {
        if (bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(bytes);
    }
}
