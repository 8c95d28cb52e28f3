using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PkgForge.Sources.Rpm;

/// <summary>
/// The first 96 bytes of a package (rpm.org, "RPM Package Lead format"). What rpm fixes of it is checked; name,
/// architecture, system and the reserved bytes are historical, writers differ, and they are not looked at before v6.
/// </summary>
/// <param name="Major">3 for the formats v3 and v4, 4 for v6.</param>
/// <param name="IsSource">It says source package, not binary package.</param>
/// <param name="IsNeutral">Architecture and system are zero, as v6 asks for.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RpmLead(byte Major, bool IsSource, bool IsNeutral)
{
    private const int Size = 96;

    /// <summary>"Header-style signatures": the only kind since 1996.</summary>
    private const ushort HeaderSignature = 5;

    private static ReadOnlySpan<byte> Magic => [0xed, 0xab, 0xee, 0xdb];

    public static Broken? Read(FilePass file, out RpmLead lead)
    {
        lead = default;
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        var isWhole = file.TryRead(bytes);
        if (!bytes[..4].SequenceEqual(Magic))
            return new("not-rpm", "is not an RPM package: it does not begin with the magic edabeedb");
        if (!isWhole)
            return new("truncated", "ends within the lead");
        var type = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        var signature = BinaryPrimitives.ReadUInt16BigEndian(bytes[78..]);
        lead = new(bytes[4], type == 1, !bytes[8..10].ContainsAnyExcept((byte)0) && bytes[76..78] is [0, 0]);
        return lead.Major is not (3 or 4) || bytes[5] != 0
                ? new("lead", $"the lead has version {bytes[4]}.{bytes[5]}; 3.0 or 4.0 is expected")
            : type > 1 ? new("lead", $"the lead has package type {type}; 0 or 1 is expected")
            : signature != HeaderSignature ? new("lead", $"the lead has signature type {signature}; 5 is expected")
            : null;
    }
}
