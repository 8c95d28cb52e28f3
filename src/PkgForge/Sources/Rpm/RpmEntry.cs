using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PkgForge.Sources.Rpm;

/// <summary>The data types of a header, with the numbers of the format.</summary>
internal enum RpmType
{
    Char = 1,
    Int8 = 2,
    Int16 = 3,
    Int32 = 4,
    Int64 = 5,
    String = 6,
    Bin = 7,
    StringArray = 8,
    I18nString = 9,
}

/// <summary>One index entry of a header: 16 bytes, four big-endian numbers.</summary>
/// <param name="Tag">See <see cref="RpmTag"/>.</param>
/// <param name="Type">Of each value.</param>
/// <param name="Offset">Of the data, from the beginning of the data section; negative only in a region's trailer.</param>
/// <param name="Count">Number of values.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RpmEntry(uint Tag, RpmType Type, int Offset, uint Count)
{
    public const int Size = 16;

    public static RpmEntry Read(ReadOnlySpan<byte> bytes) =>
        new(
            BinaryPrimitives.ReadUInt32BigEndian(bytes),
            (RpmType)BinaryPrimitives.ReadInt32BigEndian(bytes[4..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[12..])
        );

    /// <summary>Bytes of one value; zero where the length has to be found by reading the strings.</summary>
    public int ValueSize =>
        Type switch
        {
            RpmType.Int16 => 2,
            RpmType.Int32 => 4,
            RpmType.Int64 => 8,
            RpmType.String or RpmType.StringArray or RpmType.I18nString => 0,
            _ => 1,
        };

    public bool Fits(RpmShape shape) =>
        shape switch
        {
            RpmShape.Text => ValueSize == 0 && Count == 1,
            RpmShape.Texts => ValueSize == 0,
            RpmShape.Int32 => Type == RpmType.Int32 && Count == 1,
            RpmShape.Int32s => Type == RpmType.Int32,
            RpmShape.Int64 => Type == RpmType.Int64 && Count == 1,
            _ => Type == RpmType.Bin,
        };

    public override string ToString() => $"tag {Tag}, type {(int)Type}, offset {Offset}, count {Count}";
}
