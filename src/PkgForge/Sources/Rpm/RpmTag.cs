namespace PkgForge.Sources.Rpm;

/// <summary>
/// The tags that are read, by the names of rpm's own list (rpm.org, tags reference; include/rpm/rpmtag.h). Those of the
/// signature header and those of the header share numbers from 1000 on, so they are told apart by a prefix.
/// </summary>
internal static class RpmTag
{
    public const uint HeaderSignatures = 62;
    public const uint HeaderImmutable = 63;
    public const uint HeaderImage = 61;

    public const uint SigSha1 = 269;
    public const uint SigLongSize = 270;

    /// <summary>By rpm's source and by its packages; the table on rpm.org has 272, which is a slip.</summary>
    public const uint SigSha256 = 273;
    public const uint SigSha3256 = 279;
    public const uint SigReserved = 999;
    public const uint SigSize = 1000;
    public const uint SigMd5 = 1004;

    public const uint Name = 1000;
    public const uint Version = 1001;
    public const uint Release = 1002;
    public const uint Epoch = 1003;
    public const uint BuildTime = 1006;
    public const uint OldFileNames = 1027;
    public const uint FileFlags = 1037;
    public const uint SourceRpm = 1044;
    public const uint RequireFlags = 1048;
    public const uint RequireName = 1049;
    public const uint RequireVersion = 1050;
    public const uint NoSource = 1051;
    public const uint NoPatch = 1052;
    public const uint ExcludeArch = 1059;
    public const uint ExclusiveArch = 1061;
    public const uint ChangelogTime = 1080;
    public const uint BuildArchs = 1089;
    public const uint SourcePackage = 1106;
    public const uint BaseNames = 1117;
    public const uint DirNames = 1118;
    public const uint PayloadFormat = 1124;
    public const uint PayloadCompressor = 1125;
    public const uint Encoding = 5062;
    public const uint PayloadSha256 = 5092;
    public const uint PayloadSha256Algo = 5093;
    public const uint PayloadSize = 5112;
    public const uint RpmFormat = 5114;
    public const uint PayloadSha512 = 5121;
    public const uint PayloadSha3256 = 5123;

    /// <summary>What the data of a tag of the signature header must be; null for tags that are not read.</summary>
    public static RpmShape? SignatureShape(uint tag) =>
        tag switch
        {
            SigSha1 or SigSha256 or SigSha3256 => RpmShape.Text,
            SigSize => RpmShape.Int32,
            SigLongSize => RpmShape.Int64,
            SigMd5 or SigReserved => RpmShape.Bytes,
            _ => null,
        };

    /// <summary>What the data of a tag of the header must be; null for tags that are not read.</summary>
    public static RpmShape? HeaderShape(uint tag) =>
        tag switch
        {
            Name or Version or Release or SourceRpm or PayloadFormat or PayloadCompressor or Encoding => RpmShape.Text,
            PayloadSha256 or PayloadSha512 or PayloadSha3256 => RpmShape.Text,
            OldFileNames or RequireName or RequireVersion or BaseNames or DirNames => RpmShape.Texts,
            ExcludeArch or ExclusiveArch or BuildArchs => RpmShape.Texts,
            Epoch or BuildTime or SourcePackage or PayloadSha256Algo or RpmFormat => RpmShape.Int32,
            FileFlags or RequireFlags or NoSource or NoPatch or ChangelogTime => RpmShape.Int32s,
            PayloadSize => RpmShape.Int64,
            _ => null,
        };
}

/// <summary>What the data of a tag is.</summary>
internal enum RpmShape
{
    /// <summary>One string, of any of the three string types.</summary>
    Text,
    Texts,
    Int32,
    Int32s,
    Int64,
    Bytes,
}
