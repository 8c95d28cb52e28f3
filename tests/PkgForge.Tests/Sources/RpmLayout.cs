using System.Buffers.Binary;
using PkgForge.Sources.Rpm;

namespace PkgForge.Tests.Sources;

/// <summary>Where the parts of a right package lie, for tests that change one of them.</summary>
internal sealed class RpmLayout
{
    private const int Lead = 96;

    public RpmLayout(byte[] bytes)
    {
        Bytes = bytes;
        SignatureEnd = Lead + HeaderSize(Lead);
        Header = SignatureEnd + (-SignatureEnd & 7);
        Payload = Header + HeaderSize(Header);
    }

    public byte[] Bytes { get; }

    public int Signature => Lead;

    /// <summary>Where the padding of the signature header begins.</summary>
    public int SignatureEnd { get; }

    public int Header { get; }

    public int Payload { get; }

    /// <summary>
    /// Places in the lead and the signature header whose value the format fixes or a digest depends on. What is left is
    /// covered by nothing: the rest of the lead, OpenPGP signatures, reserved space, the size of the unpacked payload,
    /// gaps between values, and the entries of all these.
    /// </summary>
    public IReadOnlyList<int> FixedBeforeHeader()
    {
        var places = Enumerable.Range(0, 8).Concat([78, 79]).Concat(Enumerable.Range(Signature, 16)).ToList();
        places.AddRange(Enumerable.Range(SignatureEnd, Header - SignatureEnd));
        for (var i = 0; i < Int32(Signature + 8); i++)
            places.AddRange(FixedOf(Signature + 16 + 16 * i));
        return places;
    }

    /// <summary>Where the value of a tag of the signature header begins.</summary>
    public int SignatureValue(uint tag)
    {
        var entries = Enumerable.Range(0, Int32(Signature + 8)).Select(i => Signature + 16 + 16 * i);
        return Data(entries.Single(entry => (uint)Int32(entry) == tag));
    }

    /// <summary>The last byte of the tag in the trailer of the signature header's region: of two values that are right, one is of old packages.</summary>
    public int TrailerTag => SignatureValue(RpmTag.HeaderSignatures) + 3;

    /// <summary>A copy with one byte changed.</summary>
    public byte[] Flip(int place, byte change)
    {
        var copy = (byte[])Bytes.Clone();
        copy[place] ^= change;
        return copy;
    }

    private IEnumerable<int> FixedOf(int entry)
    {
        var data = Data(entry);
        return (uint)Int32(entry) switch
        {
            // The region: its entry, and its trailer but for the end of the trailer's tag.
            RpmTag.HeaderSignatures =>
            [
                .. Enumerable.Range(entry, 16),
                .. Enumerable.Range(data, 16).Where(place => place != TrailerTag),
            ],
            RpmTag.SigSha1 => [.. Enumerable.Range(data, 41)],
            RpmTag.SigSha256 or RpmTag.SigSha3256 => [.. Enumerable.Range(data, 65)],
            RpmTag.SigSize => [.. Enumerable.Range(data, 4)],
            RpmTag.SigMd5 => [.. Enumerable.Range(data, 16)],
            _ => [],
        };
    }

    private int Data(int entry) => Signature + 16 + 16 * Int32(Signature + 8) + Int32(entry + 8);

    private int HeaderSize(int start) => 16 + 16 * Int32(start + 8) + Int32(start + 12);

    private int Int32(int place) => BinaryPrimitives.ReadInt32BigEndian(Bytes.AsSpan(place));
}
