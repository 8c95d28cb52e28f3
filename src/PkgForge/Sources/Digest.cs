using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Digests;

namespace PkgForge.Sources;

/// <summary>
/// A digest that is being computed. The weak ones are here because packages carry them: they find damage, and nothing
/// rests on them where a better one is there.
/// </summary>
internal abstract class Digest : IDisposable
{
    public abstract void Append(ReadOnlySpan<byte> bytes);

    /// <summary>The value in lower-case hexadecimal; ends the computation.</summary>
    public abstract string Hex();

    public abstract void Dispose();

    public static Digest Md5() => new Framework(HashAlgorithmName.MD5);

    public static Digest Sha1() => new Framework(HashAlgorithmName.SHA1);

    public static Digest Sha256() => new Framework(HashAlgorithmName.SHA256);

    public static Digest Sha512() => new Framework(HashAlgorithmName.SHA512);

    /// <summary>The framework has SHA-3 only where the system's OpenSSL has it.</summary>
    public static Digest Sha3256() =>
        SHA3_256.IsSupported ? new Framework(HashAlgorithmName.SHA3_256) : new ManagedSha3();

    /// <summary>The digest of bytes that are in memory.</summary>
    public static string Of(Digest digest, ReadOnlySpan<byte> bytes)
    {
        using (digest)
        {
            digest.Append(bytes);
            return digest.Hex();
        }
    }

    private sealed class Framework(HashAlgorithmName name) : Digest
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(name);

        public override void Append(ReadOnlySpan<byte> bytes) => hash.AppendData(bytes);

        public override string Hex() => Convert.ToHexStringLower(hash.GetHashAndReset());

        public override void Dispose() => hash.Dispose();
    }

    internal sealed class ManagedSha3 : Digest
    {
        private readonly Sha3Digest hash = new(256);

        public override void Append(ReadOnlySpan<byte> bytes) => hash.BlockUpdate(bytes);

        public override string Hex()
        {
            var value = new byte[hash.GetDigestSize()];
            hash.DoFinal(value, 0);
            return Convert.ToHexStringLower(value);
        }

        public override void Dispose() => hash.Reset();
    }
}
