using System.Buffers.Binary;
using System.Text;

namespace PkgForge.Tests.Sources;

/// <summary>Writes a header of an RPM package, from the description of the format; it checks nothing.</summary>
internal sealed class HeaderBytes
{
    private readonly SortedDictionary<uint, (int Type, int Count, byte[] Data)> values = [];

    /// <summary>The tag of its immutable region; zero for none.</summary>
    public uint Region { get; init; }

    /// <summary>What the data section is filled up to before the region's trailer.</summary>
    public byte[] Gap { get; set; } = [];

    public HeaderBytes Text(uint tag, string text) => Set(tag, 6, 1, Encoding.UTF8.GetBytes(text + "\0"));

    public HeaderBytes Texts(uint tag, params string[] texts) =>
        Set(tag, 8, texts.Length, Encoding.UTF8.GetBytes(string.Concat(texts.Select(text => text + "\0"))));

    public HeaderBytes Int32s(uint tag, params uint[] numbers)
    {
        var data = new byte[4 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(4 * i), numbers[i]);
        return Set(tag, 4, numbers.Length, data);
    }

    public HeaderBytes Int64(uint tag, ulong number)
    {
        var data = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(data, number);
        return Set(tag, 5, 1, data);
    }

    public HeaderBytes Blob(uint tag, byte[] data) => Set(tag, 7, data.Length, data);

    public HeaderBytes Set(uint tag, int type, int count, byte[] data)
    {
        values[tag] = (type, count, data);
        return this;
    }

    /// <summary>Changes the one string of a tag.</summary>
    public HeaderBytes MapText(uint tag, Func<string, string> change) =>
        Text(tag, change(Encoding.UTF8.GetString(values[tag].Data).TrimEnd('\0')));

    public HeaderBytes Without(uint tag)
    {
        values.Remove(tag);
        return this;
    }

    public byte[] ToArray()
    {
        var (index, data) = (new MemoryStream(), new MemoryStream());
        foreach (var (tag, (type, count, bytes)) in values)
        {
            Align(data, type);
            Entry(index, tag, type, (int)data.Length, count);
            data.Write(bytes);
        }

        data.Write(Gap);
        var entries = index.ToArray();
        if (Region != 0)
            entries = AddRegion(entries, data);
        var whole = new MemoryStream();
        whole.Write([0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0]);
        Numbers(whole, entries.Length / 16, (int)data.Length);
        whole.Write(entries);
        whole.Write(data.ToArray());
        return whole.ToArray();
    }

    private byte[] AddRegion(byte[] entries, MemoryStream data)
    {
        var index = new MemoryStream();
        Entry(index, Region, 7, (int)data.Length, 16);
        index.Write(entries);
        Entry(data, Region, 7, -(int)index.Length, 16);
        return index.ToArray();
    }

    private static void Align(MemoryStream data, int type)
    {
        var alignment = type switch
        {
            3 => 2,
            4 => 4,
            5 => 8,
            _ => 1,
        };
        while (data.Length % alignment != 0)
            data.WriteByte(0);
    }

    private static void Entry(MemoryStream to, uint tag, int type, int offset, int count) =>
        Numbers(to, (int)tag, type, offset, count);

    private static void Numbers(MemoryStream to, params ReadOnlySpan<int> numbers)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var number in numbers)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes, number);
            to.Write(bytes);
        }
    }
}
