using System.Buffers.Binary;
using System.Text;

namespace PkgForge.Sources.Rpm;

/// <summary>
/// A header that was found well formed (rpm.org, "RPM Package Header format"): every entry lies inside the data, behind
/// the one before it, and has the type that its tag asks for. So reading a value cannot fail.
/// </summary>
internal sealed class RpmHeader
{
    private readonly byte[] bytes;
    private readonly int dataStart;
    private readonly Dictionary<uint, RpmEntry> entries;

    internal RpmHeader(byte[] bytes, int dataStart, Dictionary<uint, RpmEntry> entries) =>
        (this.bytes, this.dataStart, this.entries) = (bytes, dataStart, entries);

    /// <summary>All of it as it stands in the file: intro, index and data, without padding.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>It has an immutable region, which formats before v4 do not have.</summary>
    public required bool HasRegion { get; init; }

    /// <summary>Tags stand in ascending order, as v6 asks for.</summary>
    public required bool IsSorted { get; init; }

    /// <summary>Every byte between the values is zero, as v6 asks for.</summary>
    public required bool HasZeroPadding { get; init; }

    public IEnumerable<uint> Tags => entries.Keys;

    public bool Has(uint tag) => entries.ContainsKey(tag);

    /// <summary>The one string of a tag; null if the tag is not there.</summary>
    public string? Text(uint tag) => entries.ContainsKey(tag) ? Texts(tag)[0] : null;

    /// <summary>The strings of a tag; empty if the tag is not there. What is not UTF-8 becomes U+FFFD.</summary>
    public IReadOnlyList<string> Texts(uint tag)
    {
        if (!entries.TryGetValue(tag, out var entry))
            return [];
        var texts = new string[entry.Count];
        var rest = Data(entry);
        for (var i = 0; i < texts.Length; i++)
        {
            var end = rest.IndexOf((byte)0);
            texts[i] = Encoding.UTF8.GetString(rest[..end]);
            rest = rest[(end + 1)..];
        }

        return texts;
    }

    /// <summary>The numbers of a tag; empty if the tag is not there.</summary>
    public IReadOnlyList<uint> Int32s(uint tag)
    {
        if (!entries.TryGetValue(tag, out var entry))
            return [];
        var numbers = new uint[entry.Count];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = BinaryPrimitives.ReadUInt32BigEndian(Data(entry)[(4 * i)..]);
        return numbers;
    }

    /// <summary>The one number of a tag; null if the tag is not there.</summary>
    public ulong? Number(uint tag) =>
        !entries.TryGetValue(tag, out var entry) ? null
        : entry.Type == RpmType.Int64 ? BinaryPrimitives.ReadUInt64BigEndian(Data(entry))
        : BinaryPrimitives.ReadUInt32BigEndian(Data(entry));

    /// <summary>The bytes of a tag; empty if the tag is not there.</summary>
    public ReadOnlySpan<byte> Blob(uint tag) =>
        entries.TryGetValue(tag, out var entry) ? Data(entry)[..(int)entry.Count] : [];

    private ReadOnlySpan<byte> Data(RpmEntry entry) => bytes.AsSpan(dataStart + entry.Offset);
}
