using System.Buffers.Binary;
using System.Text;
using ZstdSharp;

namespace PkgForge.Logs;

/// <summary>
/// A <see cref="LineTable"/> in a skippable frame, which other programs pass by: magic number and size, the eight bytes <c>PkgLines</c>, and a zstd frame of the
/// table: lines, where the last one ends, marks (offset, line) and stages (line, length of the text, text); numbers are unsigned, little endian, of 8 bytes, the
/// two counts of 4, the length of a text of 2.
/// </summary>
internal static class LineFrame
{
    private const uint Magic = 0x184D2A50;

    /// <summary>So many stages of a few hundred bytes, and a mark for each 64 KiB of the largest log, are far less.</summary>
    private const int MostOfTable = 8 << 20;

    private static ReadOnlySpan<byte> Tag => "PkgLines"u8;

    private static int Head => SeekTable.HeaderSize + Tag.Length;

    /// <summary>The frame is one of these, whatever is in it.</summary>
    public static bool Is(ReadOnlySpan<byte> frame) =>
        frame.Length > Head
        && BinaryPrimitives.ReadUInt32LittleEndian(frame) == Magic
        && frame[SeekTable.HeaderSize..].StartsWith(Tag);

    public static byte[] Write(LineTable table, Compressor compressor)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(table.Whole);
            writer.Write(table.End);
            writer.Write(table.Marks.Count);
            foreach (var mark in table.Marks)
            {
                writer.Write(mark.Offset);
                writer.Write(mark.Line);
            }
            writer.Write(table.Stages.Count);
            foreach (var stage in table.Stages)
            {
                var text = Encoding.UTF8.GetBytes(stage.Text);
                writer.Write(stage.Line);
                writer.Write((ushort)text.Length);
                writer.Write(text);
            }
        }
        var packed = compressor.Wrap(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        var frame = new byte[Head + packed.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), frame.Length - SeekTable.HeaderSize);
        Tag.CopyTo(frame.AsSpan(SeekTable.HeaderSize));
        packed.CopyTo(frame.AsSpan(Head));
        return frame;
    }

    /// <returns>Null when it is damaged, or not of a log of this length.</returns>
    public static LineTable? Read(ReadOnlySpan<byte> frame, Decompressor decompressor, long length)
    {
        try
        {
            var bytes = decompressor.Unwrap(frame[Head..], MostOfTable).ToArray();
            using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
            var (whole, end) = (reader.ReadInt64(), reader.ReadInt64());
            var marks = ReadMarks(reader, bytes.Length);
            var stages = ReadStages(reader, bytes.Length);
            return Fits(marks, whole, end, length) ? new(length, whole, end, marks, stages) : null;
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException or InvalidDataException)
        {
            return null;
        }
    }

    private static List<LineMark> ReadMarks(BinaryReader reader, int most)
    {
        var marks = new List<LineMark>();
        for (var left = Count(reader, most); left > 0; left--)
            marks.Add(new(reader.ReadInt64(), reader.ReadInt64()));
        return marks;
    }

    private static List<LogStage> ReadStages(BinaryReader reader, int most)
    {
        var stages = new List<LogStage>();
        for (var left = Count(reader, most); left > 0; left--)
        {
            var line = reader.ReadInt64();
            var text = new byte[reader.ReadUInt16()];
            reader.BaseStream.ReadExactly(text);
            stages.Add(new(line, Encoding.UTF8.GetString(text)));
        }
        return stages;
    }

    private static int Count(BinaryReader reader, int most) =>
        reader.ReadInt32() is var count && count >= 0 && count <= most
            ? count
            : throw new InvalidDataException("more entries than bytes");

    /// <summary>Lines begin within the log, each after the one before it.</summary>
    private static bool Fits(List<LineMark> marks, long whole, long end, long length)
    {
        if (marks.Count == 0 || marks[0] != new LineMark(0, 1) || end < 0 || end > length || whole < 0 || whole > end)
            return false;
        for (var i = 1; i < marks.Count; i++)
        {
            if (marks[i].Offset <= marks[i - 1].Offset || marks[i].Line <= marks[i - 1].Line)
                return false;
        }
        return marks[^1].Offset <= length && marks[^1].Line <= whole + 1;
    }
}
