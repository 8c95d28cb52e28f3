using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace PkgForge.Logs;

/// <summary>
/// Where the frames of a file are, and how many bytes each of them has when it is decompressed: the seek table of the "zstd seekable format",
/// version 0.1.0 (contrib/seekable_format of zstd's sources), a skippable frame at the end of the file.
/// </summary>
internal sealed class SeekTable
{
    public const uint SkippableMagic = 0x184D2A5E;
    public const uint SeekableMagic = 0x8F92EAB1;

    /// <summary>Of a skippable frame: its magic number and its size.</summary>
    public const int HeaderSize = 8;

    /// <summary>The number of frames, a descriptor, a magic number.</summary>
    public const int FooterSize = 9;

    /// <summary>No frame of a log is larger, packed or not: memory is bounded.</summary>
    public const int MostOfFrame = 8 << 20;

    private const int MostFrames = 1 << 22;
    private const byte HasChecksums = 0x80;
    private const byte Reserved = 0x7C;

    private readonly long[] plain;
    private readonly long[] packed;

    private SeekTable(long[] plain, long[] packed) => (this.plain, this.packed) = (plain, packed);

    /// <summary>How many frames there are, also those without a byte.</summary>
    public int Frames => plain.Length - 1;

    /// <summary>Bytes of all frames, decompressed.</summary>
    public long Length => plain[^1];

    /// <summary>Where a frame begins in the decompressed bytes.</summary>
    public long PlainAt(int frame) => plain[frame];

    public int PlainSize(int frame) => (int)(plain[frame + 1] - plain[frame]);

    /// <summary>Where a frame begins in the file.</summary>
    public long PackedAt(int frame) => packed[frame];

    public int PackedSize(int frame) => (int)(packed[frame + 1] - packed[frame]);

    /// <summary>The frame that has the byte at an offset below <see cref="Length"/>.</summary>
    public int FrameAt(long offset)
    {
        var (low, high) = (0, Frames - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (plain[middle] <= offset)
                low = middle;
            else
                high = middle - 1;
        }
        // Frames without a byte begin where the next one does: the last of them is the one that has it.
        return low;
    }

    /// <exception cref="FarmFaultException">There is no seek table, or it contradicts itself or the file.</exception>
    public static SeekTable Read(SafeFileHandle file, string path)
    {
        var size = RandomAccess.GetLength(file);
        Span<byte> footer = stackalloc byte[FooterSize];
        if (
            size < HeaderSize + FooterSize
            || RandomAccess.Read(file, footer, size - FooterSize) < FooterSize
            || Number(footer[5..]) != SeekableMagic
        )
            throw Damaged(path, "it does not end with a seek table");
        var (frames, descriptor) = (Number(footer), footer[4]);
        var entry = (descriptor & HasChecksums) != 0 ? 12 : 8;
        var length = frames * (long)entry + FooterSize;
        if ((descriptor & Reserved) != 0 || frames > MostFrames || length + HeaderSize > size)
            throw Damaged(path, "its seek table is of a kind that is not known, or longer than the file");
        var bytes = new byte[HeaderSize + length];
        if (
            RandomAccess.Read(file, bytes, size - bytes.Length) < bytes.Length
            || Number(bytes) != SkippableMagic
            || Number(bytes.AsSpan(4)) != length
        )
            throw Damaged(path, "its seek table does not begin where it must");
        return Sum(bytes.AsSpan(HeaderSize), (int)frames, entry, size - bytes.Length)
            ?? throw Damaged(path, "the sizes in its seek table cannot be");
    }

    /// <summary>Adds sizes up; null when one is too large, or they do not fill the file.</summary>
    private static SeekTable? Sum(ReadOnlySpan<byte> entries, int frames, int entrySize, long end)
    {
        var (plain, packed) = (new long[frames + 1], new long[frames + 1]);
        for (var i = 0; i < frames; i++)
        {
            var entry = entries[(i * entrySize)..];
            var (packedSize, plainSize) = (Number(entry), Number(entry[4..]));
            if (packedSize > MostOfFrame || plainSize > MostOfFrame)
                return null;
            (plain[i + 1], packed[i + 1]) = (plain[i] + plainSize, packed[i] + packedSize);
        }
        return packed[frames] == end ? new(plain, packed) : null;
    }

    private static uint Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static FarmFaultException Damaged(string path, string how) => StoredLog.DamagedAt(path, how);
}
