using System.Buffers.Binary;

namespace PkgForge.Sources.Debian;

/// <summary>
/// The frames of OpenPGP packets (RFC 9580, section 4.2). They are walked before a library sees them, so that it meets
/// signatures only, and no length that is not there.
/// </summary>
internal static class OpenPgpPackets
{
    private const int Signature = 2;

    /// <summary>True when the bytes are one signature packet after the other, and nothing else.</summary>
    public static bool AreSignatures(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (Header(bytes) is not var (tag, start, length) || tag != Signature)
                return false;
            if (length > bytes.Length - start)
                return false;
            bytes = bytes[(start + (int)length)..];
        }

        return true;
    }

    private static (int Tag, int Start, uint Length)? Header(ReadOnlySpan<byte> bytes) =>
        bytes switch
        {
            // The new form, of one, two and four bytes of length. Parts of unknown length are for data only.
            [>= 0xc0, < 192, ..] => (bytes[0] & 0x3f, 2, bytes[1]),
            [>= 0xc0, < 224, var low, ..] => (bytes[0] & 0x3f, 3, (uint)(((bytes[1] - 192) << 8) + low + 192)),
            [>= 0xc0, 255, _, _, _, _, ..] => (bytes[0] & 0x3f, 6, BinaryPrimitives.ReadUInt32BigEndian(bytes[2..])),
            // The old form, which says by its last two bits how long the length is.
            [>= 0x80 and < 0xc0, var length, ..] when (bytes[0] & 3) == 0 => ((bytes[0] >> 2) & 0xf, 2, length),
            [>= 0x80 and < 0xc0, var high, var low, ..] when (bytes[0] & 3) == 1 => (
                (bytes[0] >> 2) & 0xf,
                3,
                (uint)(high << 8 | low)
            ),
            [>= 0x80 and < 0xc0, _, _, _, _, ..] when (bytes[0] & 3) == 2 => (
                (bytes[0] >> 2) & 0xf,
                5,
                BinaryPrimitives.ReadUInt32BigEndian(bytes[1..])
            ),
            _ => null,
        };
}
