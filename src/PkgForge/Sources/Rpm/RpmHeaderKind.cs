namespace PkgForge.Sources.Rpm;

/// <summary>
/// Which of the two headers of a package is read, with its limits. The counts are rpm's own (lib/header.cc); the sizes
/// are lower than rpm's 64 and 256 MiB, because a source package has no file signatures and the farm reads many.
/// </summary>
/// <param name="Words">What messages call it.</param>
/// <param name="RegionTag">The tag of its immutable region.</param>
/// <param name="MaxTags">Most index entries.</param>
/// <param name="MaxData">Most bytes of data.</param>
/// <param name="Padded">It is filled up with zeros to a multiple of 8 bytes.</param>
internal sealed record RpmHeaderKind(string Words, uint RegionTag, int MaxTags, int MaxData, bool Padded)
{
    /// <summary>Most values of one tag. rpm allows 1,048,575; the largest source packages have some 20,000 files.</summary>
    public const int MaxValues = 100_000;

    public static RpmHeaderKind Signature { get; } =
        new("signature header", RpmTag.HeaderSignatures, MaxTags: 32, MaxData: 16 << 20, Padded: true);

    public static RpmHeaderKind Main { get; } =
        new("header", RpmTag.HeaderImmutable, MaxTags: 0xffff, MaxData: 32 << 20, Padded: false);

    /// <summary>What the data of a tag must be; null for tags that are not read.</summary>
    public RpmShape? Shape(uint tag) => Padded ? RpmTag.SignatureShape(tag) : RpmTag.HeaderShape(tag);
}
