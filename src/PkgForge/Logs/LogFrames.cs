using System.Buffers;
using System.Buffers.Binary;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace PkgForge.Logs;

/// <summary>Writes the stored form of a log.</summary>
public static class LogFrames
{
    /// <summary>Bytes of the log in a frame: see decision 17 for what other sizes give.</summary>
    internal const int FrameSize = 256 << 10;

    /// <summary>As the tool's own, which is fast.</summary>
    private const int Level = 3;

    /// <summary>Writes what a log has now; what comes meanwhile is left out.</summary>
    /// <param name="log">The log.</param>
    /// <param name="output">Takes the frames, one after the other.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task WriteAsync(LogFile log, Stream output, CancellationToken cancel)
    {
        using var compressor = new Compressor(Level);
        compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        var (scan, sizes) = (new LineScan(), new List<(int Packed, int Plain)>());
        var (plain, packed) = (
            ArrayPool<byte>.Shared.Rent(FrameSize),
            ArrayPool<byte>.Shared.Rent(Compressor.GetCompressBound(FrameSize))
        );
        try
        {
            var end = log.Length;
            int read;
            while ((read = log.Fill(plain.AsSpan(0, (int)Math.Min(FrameSize, end - scan.Bytes)), scan.Bytes)) > 0)
            {
                cancel.ThrowIfCancellationRequested();
                scan.Add(plain.AsSpan(0, read));
                var size = compressor.Wrap(plain.AsSpan(0, read), packed);
                await output.WriteAsync(packed.AsMemory(0, size), cancel);
                sizes.Add((size, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
            ArrayPool<byte>.Shared.Return(packed);
        }
        var lines = LineFrame.Write(scan.Table, compressor);
        await output.WriteAsync(lines, cancel);
        sizes.Add((lines.Length, 0));
        await output.WriteAsync(Table(sizes), cancel);
    }

    /// <summary>The bytes of the log that arrive in its stored form.</summary>
    /// <param name="stored">Where they come from; disposed of with what is returned.</param>
    public static Stream Unpack(Stream stored)
    {
        var plain = new DecompressionStream(stored, leaveOpen: false);
        // RFC 9659: nobody needs more of an encoding of HTTP.
        plain.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, 23);
        return plain;
    }

    private static byte[] Table(List<(int Packed, int Plain)> sizes)
    {
        var bytes = new byte[SeekTable.HeaderSize + sizes.Count * 8 + SeekTable.FooterSize];
        var at = 0;
        Add(SeekTable.SkippableMagic);
        Add((uint)(bytes.Length - SeekTable.HeaderSize));
        foreach (var (packed, plain) in sizes)
        {
            Add((uint)packed);
            Add((uint)plain);
        }
        Add((uint)sizes.Count);
        // The descriptor: no checksums, which the frames have themselves.
        at++;
        Add(SeekTable.SeekableMagic);
        return bytes;

        void Add(uint number)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), number);
            at += 4;
        }
    }
}
