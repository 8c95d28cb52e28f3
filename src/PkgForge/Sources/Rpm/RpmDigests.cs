namespace PkgForge.Sources.Rpm;

/// <summary>
/// The digests that a package carries: those over the header, which is in memory, and those over the payload or over
/// header and payload, which are computed while the payload is read.
/// </summary>
/// <remarks>
/// Not checked are digests of the <i>uncompressed</i> payload, which would have to be unpacked (as in rpm, they are an
/// alternative to those of the compressed one), and MD5 in a package of more than <see cref="MaxSizeForSpareMd5"/> bytes
/// whose header and payload both have SHA-256 or better.
/// </remarks>
internal sealed class RpmDigests : IDisposable
{
    /// <summary>
    /// MD5 runs at less than half the speed of SHA-256 and cannot be split, so that in a large package it alone would
    /// cost more than all the rest. Where SHA-256 covers every byte that it covers, it cannot tell anything new; it is
    /// then checked only while that takes less than 50 ms.
    /// </summary>
    public const long MaxSizeForSpareMd5 = 32 << 20;

    private readonly List<Expected> expected = [];

    private RpmDigests() { }

    /// <summary>The digests that are still to be given the payload.</summary>
    public IReadOnlyList<Digest> Running => [.. expected.Select(e => e.Digest)];

    /// <summary>Begins the digests that need the payload, of which so many bytes follow.</summary>
    public static Broken? Begin(RpmHeader signature, RpmHeader header, long payloadSize, out RpmDigests digests)
    {
        digests = new();
        return digests.Begin(signature, header, payloadSize);
    }

    /// <summary>Compares what was computed with what the package carries; to be called when the payload was read.</summary>
    public Broken? Finish() =>
        expected
            .Select(e => Compare(e.Rule, e.Words, e.Value, e.Digest.Hex()))
            .FirstOrDefault(broken => broken is not null);

    public void Dispose() => expected.ForEach(e => e.Digest.Dispose());

    /// <summary>Compares the digests over the header alone.</summary>
    public static Broken? CheckHeader(RpmHeader signature, RpmHeader header) =>
        CheckHeader(signature.Text(RpmTag.SigSha1), "SHA-1", Digest.Sha1, header)
        ?? CheckHeader(signature.Text(RpmTag.SigSha256), "SHA-256", Digest.Sha256, header)
        ?? CheckHeader(signature.Text(RpmTag.SigSha3256), "SHA3-256", Digest.Sha3256, header);

    private static Broken? CheckHeader(string? value, string words, Func<Digest> digest, RpmHeader header) =>
        value is null
            ? null
            : Compare("header-digest", $"{words} of the header", value, Digest.Of(digest(), header.Bytes));

    private Broken? Begin(RpmHeader signature, RpmHeader header, long payloadSize)
    {
        if (header.Number(RpmTag.PayloadSha256Algo) is { } algorithm and not 8)
            return new("payload-digest", $"the payload digest has algorithm {algorithm}; 8 (SHA-256) is expected");
        Expect("payload-digest", "SHA-256 of the payload", header.Text(RpmTag.PayloadSha256), Digest.Sha256);
        Expect("payload-digest", "SHA-512 of the payload", header.Text(RpmTag.PayloadSha512), Digest.Sha512);
        Expect("payload-digest", "SHA3-256 of the payload", header.Text(RpmTag.PayloadSha3256), Digest.Sha3256);
        var isStrong = expected.Count > 0 && (signature.Has(RpmTag.SigSha256) || signature.Has(RpmTag.SigSha3256));
        var isCovered = expected.Count > 0 && (isStrong || signature.Has(RpmTag.SigSha1));
        if (!signature.Has(RpmTag.SigMd5))
            return isCovered ? null : new("no-digest", "carries no digest over its header, or none over its payload");
        if (isStrong && payloadSize > MaxSizeForSpareMd5)
            return null;
        var md5 = Convert.ToHexStringLower(signature.Blob(RpmTag.SigMd5));
        Expect("md5", "MD5 of header and payload", md5, Digest.Md5);
        expected[^1].Digest.Append(header.Bytes);
        return null;
    }

    private void Expect(string rule, string words, string? value, Func<Digest> create)
    {
        if (value is not null)
            expected.Add(new(rule, words, value, create()));
    }

    /// <summary>rpm itself takes upper-case digits too.</summary>
    private static Broken? Compare(string rule, string words, string expected, string actual) =>
        string.Equals(expected, actual, StringComparison.OrdinalIgnoreCase)
            ? null
            : new(rule, $"the {words} is {actual}; the package says {PlainName.ToPrint(expected)}");

    private sealed record Expected(string Rule, string Words, string Value, Digest Digest);
}
