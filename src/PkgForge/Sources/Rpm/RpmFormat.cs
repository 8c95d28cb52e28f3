namespace PkgForge.Sources.Rpm;

/// <summary>What the format version of a package asks of its headers beyond being well formed.</summary>
internal static class RpmFormat
{
    /// <summary>3, 4 or 6; 0 for a format that is not known.</summary>
    public static int Version(RpmHeader header) =>
        header.Number(RpmTag.RpmFormat) switch
        {
            null => header.HasRegion ? 4 : 3,
            6 => 6,
            _ => 0,
        };

    public static Broken? Check(RpmLead lead, RpmHeader signature, RpmHeader header) =>
        Version(header) switch
        {
            0 => new("format", $"has RPM format {header.Number(RpmTag.RpmFormat)}; 3, 4 and 6 are known"),
            6 => CheckV6(lead, signature, header),
            _ when lead.Major != 3 => new("lead", "the lead says 4.0, which only format v6 does"),
            _ when !signature.Has(RpmTag.SigSize) && !signature.Has(RpmTag.SigLongSize) => new(
                "size",
                "the signature header does not have the size of the package"
            ),
            _ => null,
        };

    /// <summary>rpm.org, "V6 Package format".</summary>
    private static Broken? CheckV6(RpmLead lead, RpmHeader signature, RpmHeader header) =>
        lead is not { Major: 4, IsNeutral: true }
            ? new("lead", "the lead of a v6 package must say 4.0 with architecture and system zero")
        : !signature.HasRegion || !header.HasRegion
            ? new("region", "both headers of a v6 package must be immutable regions")
        : !signature.IsSorted || !header.IsSorted
            ? new("header-order", "the tags of a v6 package must be in ascending order")
        : !signature.HasZeroPadding || !header.HasZeroPadding
            ? new("padding", "the padding within a header of a v6 package must be zeros")
        : signature.Tags.Any(tag => tag > RpmTag.SigReserved)
            ? new("signature-tag", "the signature header of a v6 package has a tag above 999")
        : !signature.Has(RpmTag.SigReserved) || signature.Blob(RpmTag.SigReserved).ContainsAnyExcept((byte)0)
            ? new("signature-tag", "the reserved space of a v6 package is missing, or is not all zeros")
        : !signature.Has(RpmTag.SigSha256) || !signature.Has(RpmTag.SigSha3256) || !header.Has(RpmTag.PayloadSha256)
            ? new("no-digest", "a v6 package must have SHA-256 and SHA3-256 of its header and SHA-256 of its payload")
        : header.Text(RpmTag.Encoding) != "utf-8" ? new("encoding", "a v6 package must have the encoding utf-8")
        : !header.Has(RpmTag.SourcePackage) ? new("not-source", "is not marked as a source package")
        : null;
}
