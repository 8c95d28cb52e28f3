using Org.BouncyCastle.Bcpg.OpenPgp;

namespace PkgForge.Sources.Debian;

/// <summary>
/// Whether a key of the keyring could make a signature: it is not revoked, had not expired when the signature was made,
/// and, if it is a subkey, is bound to its primary key for signing.
/// </summary>
internal static class OpenPgpKeys
{
    private const int CanSign = 0x02;

    /// <summary>What is wrong with the key; null when nothing is.</summary>
    public static string? Fault(PgpPublicKeyRing ring, PgpPublicKey key, DateTime when)
    {
        var primary = ring.GetPublicKey();
        return Validity(primary, when) ?? (key.IsMasterKey ? null : Validity(key, when) ?? Binding(primary, key));
    }

    private static string? Validity(PgpPublicKey key, DateTime when)
    {
        var seconds = key.GetValidSeconds();
        return key.HasRevocation() ? $"the key {key.KeyId:X16} is revoked"
            : when < key.CreationTime ? $"the key {key.KeyId:X16} is newer than the signature"
            : seconds > 0 && key.CreationTime.AddSeconds(seconds) < when
                ? $"the key {key.KeyId:X16} had expired when the signature was made"
            : null;
    }

    private static string? Binding(PgpPublicKey primary, PgpPublicKey key)
    {
        var isBound = key.GetSignatures().Any(binding => IsForSigning(primary, key, binding));
        return isBound ? null : $"the key {key.KeyId:X16} is not bound to its primary key for signing";
    }

    private static bool IsForSigning(PgpPublicKey primary, PgpPublicKey key, PgpSignature binding)
    {
        var hashed = binding.GetHashedSubPackets();
        if (binding.SignatureType != PgpSignature.SubkeyBinding || hashed is null)
            return false;
        if (((int)hashed.GetKeyFlags() & CanSign) == 0)
            return false;
        try
        {
            binding.InitVerify(primary);
            return binding.VerifyCertification(primary, key);
        }
        catch (Exception e) when (OpenPgpSignatures.IsMalformed(e))
        {
            return false;
        }
    }
}
