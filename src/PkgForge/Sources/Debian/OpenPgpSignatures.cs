using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;

namespace PkgForge.Sources.Debian;

/// <summary>Reads and checks signatures over a text, with nothing said yet about their keys.</summary>
internal static class OpenPgpSignatures
{
    /// <summary>Each is checked by a public-key operation.</summary>
    private const int MaxSignatures = 16;

    /// <summary>The signatures; null when the bytes are anything but a few signature packets.</summary>
    public static IReadOnlyList<PgpSignature>? Read(byte[] packets)
    {
        if (!OpenPgpPackets.AreSignatures(packets))
            return null;
        try
        {
            var factory = new PgpObjectFactory(packets);
            var signatures = factory.NextPgpObject() as PgpSignatureList;
            var isAlone = factory.NextPgpObject() is null;
            return signatures is { Count: > 0 and <= MaxSignatures } && isAlone
                ? [.. Enumerable.Range(0, signatures.Count).Select(i => signatures[i])]
                : null;
        }
        catch (Exception e) when (IsMalformed(e))
        {
            return null;
        }
    }

    /// <summary>What is wrong with a signature by this key; null when nothing is.</summary>
    public static string? Fault(PgpSignature signature, PgpPublicKey key, byte[] text, DateTime now)
    {
        if (signature.SignatureType != PgpSignature.CanonicalTextDocument)
            return "the signature is not one over a text";
        if (!IsStrong(signature.HashAlgorithm))
            return $"the signature uses the weak digest {signature.HashAlgorithm}";
        if (signature.CreationTime > now.AddDays(1))
            return "the signature says that it was made in the future";
        var seconds = signature.GetHashedSubPackets()?.GetSignatureExpirationTime() ?? 0;
        if (seconds > 0 && signature.CreationTime.AddSeconds(seconds) < now)
            return "the signature has expired";
        return IsGood(signature, key, text) ? null : "the signature does not match the text";
    }

    /// <summary>Debian refuses these too.</summary>
    private static bool IsStrong(HashAlgorithmTag digest) =>
        digest
            is HashAlgorithmTag.Sha256
                or HashAlgorithmTag.Sha384
                or HashAlgorithmTag.Sha512
                or HashAlgorithmTag.Sha224;

    private static bool IsGood(PgpSignature signature, PgpPublicKey key, byte[] text)
    {
        try
        {
            signature.InitVerify(key);
            signature.Update(text);
            return signature.Verify();
        }
        catch (Exception e) when (IsMalformed(e))
        {
            return false;
        }
    }

    /// <summary>All that the library throws at packets that are not well formed; it has no one type for it.</summary>
    public static bool IsMalformed(Exception e) =>
        e
            is PgpException
                or IOException
                or ArgumentException
                or InvalidOperationException
                or FormatException
                or InvalidCastException
                or IndexOutOfRangeException
                or ArithmeticException
                or NotSupportedException
                or CryptoException
                or GeneralSecurityException
                or SecurityUtilityException
                or UnsupportedPacketVersionException
                or NullReferenceException;
}
