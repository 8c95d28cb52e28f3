using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace PkgForge.Sources.Debian;

/// <summary>
/// Brings a <c>.dsc</c> from its bytes to its fields: UTF-8, the frame of its signature, the signature, and the fields
/// of what was signed.
/// </summary>
internal static class DscText
{
    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    /// <param name="bytes">The whole file.</param>
    /// <param name="keyring">Keys of which one must have signed it; null if it need not be signed.</param>
    /// <param name="fields">Its one paragraph.</param>
    /// <param name="broken">The rule that it breaks.</param>
    public static bool TryRead(
        byte[] bytes,
        OpenPgpKeyring? keyring,
        [NotNullWhen(true)] out Deb822Paragraph? fields,
        [NotNullWhen(false)] out Broken? broken
    )
    {
        fields = null;
        broken = Decode(bytes, out var text) ?? Unwrap(ref text, keyring);
        if (broken is not null)
            return false;
        if (!Deb822.TryParse(text, comments: false, out var paragraphs, out var error))
            broken = new("control-file", error);
        else if (paragraphs.Count != 1)
            broken = new("control-file", $"has {paragraphs.Count} paragraphs; one is expected");
        else
            fields = paragraphs[0];
        return broken is null && fields is not null;
    }

    private static Broken? Decode(byte[] bytes, out string text)
    {
        text = "";
        try
        {
            text = Strict.GetString(bytes);
            return null;
        }
        catch (DecoderFallbackException)
        {
            return new("encoding", "is not UTF-8");
        }
    }

    private static Broken? Unwrap(ref string text, OpenPgpKeyring? keyring)
    {
        if (!ClearSigned.IsClaimed(text))
            return keyring is null
                ? null
                : new("unsigned", "is not signed, but a signature is asked for (debsign makes one)");
        if (!ClearSigned.TryParse(text, out var signed, out var error))
            return new("signature-frame", error);
        text = signed.Text;
        if (keyring is null)
            return null;
        return OpenPgpArmor.Decode(signed.Armor) is not { } packets
                ? new("signature", "the signature is not well-formed OpenPGP armor")
            : keyring.Verify(signed.SignedBytes(), packets) is { } fault ? new("signature", fault)
            : null;
    }
}
