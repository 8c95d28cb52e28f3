using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Digests;
using PkgForge.Sources.Rpm;

namespace PkgForge.Tests.Sources;

/// <summary>
/// Writes source packages of the formats v3, v4 and v6 from the description of the formats (rpm.org), so that tests can
/// have what no tool at hand writes: old and new formats, and packages that are wrong in one way only. All digests and
/// sizes are made right; <see cref="Signature"/> and <see cref="Header"/> can then be changed again.
/// </summary>
internal sealed class RpmBytes
{
    private readonly int version;
    private readonly List<Action<HeaderBytes>> signatureChanges = [];
    private bool withoutPayloadDigest;

    private RpmBytes(int version)
    {
        this.version = version;
        Header = new HeaderBytes { Region = version == 3 ? 0 : RpmTag.HeaderImmutable }
            .Text(RpmTag.Name, "crafted")
            .Text(RpmTag.Version, "1.0")
            .Text(RpmTag.Release, "2")
            .Int32s(RpmTag.FileFlags, 0, 1 << 5)
            .Text(RpmTag.PayloadFormat, "cpio")
            .Text(RpmTag.PayloadCompressor, "gzip");
        if (version == 3)
            Header.Texts(RpmTag.OldFileNames, "crafted.tar.gz", "crafted.spec");
        else
            Header.Texts(RpmTag.BaseNames, "crafted.tar.gz", "crafted.spec").Texts(RpmTag.DirNames, "");
        if (version >= 4)
            Header.Int32s(RpmTag.SourcePackage, 1);
        if (version == 6)
            Header.Text(RpmTag.Encoding, "utf-8").Int32s(RpmTag.RpmFormat, 6);
        Lead = MakeLead(version);
    }

    public static RpmBytes V3() => new(3);

    public static RpmBytes V4() => new(4);

    public static RpmBytes V6() => new(6);

    /// <summary>Format v4 as rpm wrote it before 4.14: only MD5 covers the payload.</summary>
    public static RpmBytes V4NoPayloadDigest() => new(4) { withoutPayloadDigest = true };

    public byte[] Lead { get; }

    public HeaderBytes Header { get; }

    public byte[] Payload { get; set; } = [.. Enumerable.Range(0, 3000).Select(i => (byte)(i * i >> 3))];

    /// <summary>Changes the signature header after its right digests and sizes were put in.</summary>
    public RpmBytes Signature(Action<HeaderBytes> change)
    {
        signatureChanges.Add(change);
        return this;
    }

    /// <summary>Changes the header before the digests over it are made.</summary>
    public RpmBytes With(Action<HeaderBytes> change)
    {
        change(Header);
        return this;
    }

    public byte[] ToArray()
    {
        if (version >= 4 && !withoutPayloadDigest)
            Header.Texts(RpmTag.PayloadSha256, Hex(SHA256.HashData(Payload))).Int32s(RpmTag.PayloadSha256Algo, 8);
        if (version == 6)
        {
            Header.Text(RpmTag.PayloadSha512, Hex(SHA512.HashData(Payload))).Text(RpmTag.PayloadSha3256, Sha3(Payload));
            Header.Int64(RpmTag.PayloadSize, (ulong)Payload.Length);
        }

        var header = Header.ToArray();
        var signature = MakeSignature(header);
        signatureChanges.ForEach(change => change(signature));
        var bytes = signature.ToArray();
        return [.. Lead, .. bytes, .. new byte[-bytes.Length & 7], .. header, .. Payload];
    }

    private HeaderBytes MakeSignature(byte[] header)
    {
        var signature = new HeaderBytes { Region = version == 3 ? 0 : RpmTag.HeaderSignatures };
        byte[] both = [.. header, .. Payload];
        if (version < 6)
            signature.Int32s(RpmTag.SigSize, (uint)both.Length).Blob(RpmTag.SigMd5, MD5.HashData(both));
        if (version == 4)
            signature.Text(RpmTag.SigSha1, Hex(SHA1.HashData(header)));
        if (version >= 4)
            signature.Text(RpmTag.SigSha256, Hex(SHA256.HashData(header)));
        if (version == 6)
            signature.Text(RpmTag.SigSha3256, Sha3(header)).Blob(RpmTag.SigReserved, new byte[64]);
        return signature;
    }

    private static byte[] MakeLead(int version)
    {
        var lead = new byte[96];
        ((byte[])[0xed, 0xab, 0xee, 0xdb, (byte)(version == 6 ? 4 : 3), 0, 0, 1]).CopyTo(lead, 0);
        Encoding.ASCII.GetBytes("crafted-1.0-2").CopyTo(lead, 10);
        lead[79] = 5;
        return lead;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static string Sha3(byte[] bytes)
    {
        var digest = new Sha3Digest(256);
        digest.BlockUpdate(bytes, 0, bytes.Length);
        var value = new byte[32];
        digest.DoFinal(value, 0);
        return Hex(value);
    }
}
