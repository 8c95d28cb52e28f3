using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace PkgForge.Sources.Debian;

/// <summary>
/// The public keys whose signatures are believed. The file is the site's own, so it is trusted; what is checked against
/// it is not.
/// </summary>
public sealed class OpenPgpKeyring
{
    /// <summary>Debian's own keyring of all its developers has some 35 MB.</summary>
    private const long MaxSize = 128 << 20;

    private readonly List<PgpPublicKeyRing> rings;
    private readonly TimeProvider time;

    private OpenPgpKeyring(List<PgpPublicKeyRing> rings, TimeProvider time) => (this.rings, this.time) = (rings, time);

    /// <summary>Reads a file of public keys, as <c>gpg --export</c> writes it, with or without <c>--armor</c>.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="time">The clock for signatures and keys that expire.</param>
    /// <exception cref="InvalidDataException">The file holds no public keys.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OpenPgpKeyring Load(string path, TimeProvider? time = null)
    {
        using var file = File.OpenRead(path);
        if (file.Length > MaxSize)
            throw new InvalidDataException($"{path}: is larger than {MaxSize} bytes; a keyring is expected");
        try
        {
            using var decoded = PgpUtilities.GetDecoderStream(file);
            var found = new PgpPublicKeyRingBundle(decoded).GetKeyRings().ToList();
            return found.Count > 0 ? new(found, time ?? TimeProvider.System) : throw NoKeys(path, null);
        }
        catch (Exception e) when (OpenPgpSignatures.IsMalformed(e))
        {
            throw NoKeys(path, e);
        }
    }

    /// <summary>Checks the signatures of a text: one of them must be good, and by a key of this keyring.</summary>
    /// <param name="text">The bytes that are signed, as <see cref="ClearSigned.SignedBytes"/> gives them.</param>
    /// <param name="packets">The signature packets.</param>
    /// <returns>Null when it is good; else what is wrong.</returns>
    internal string? Verify(byte[] text, byte[] packets)
    {
        if (OpenPgpSignatures.Read(packets) is not { } signatures)
            return "the signature is not a well-formed OpenPGP signature";
        string? fault = null;
        foreach (var signature in signatures)
        {
            var found = Find(signature.KeyId);
            fault = found is null
                ? $"the signing key {signature.KeyId:X16} is not in the keyring"
                : OpenPgpSignatures.Fault(signature, found.Value.Key, text, time.GetUtcNow().UtcDateTime)
                    ?? OpenPgpKeys.Fault(found.Value.Ring, found.Value.Key, signature.CreationTime);
            if (fault is null)
                return null;
        }

        return fault;
    }

    private (PgpPublicKeyRing Ring, PgpPublicKey Key)? Find(long id)
    {
        foreach (var ring in rings)
        {
            if (ring.GetPublicKey(id) is { } key)
                return (ring, key);
        }

        return null;
    }

    private static InvalidDataException NoKeys(string path, Exception? inner) =>
        new($"{path}: holds no OpenPGP public keys; the output of 'gpg --export' is expected", inner);
}
