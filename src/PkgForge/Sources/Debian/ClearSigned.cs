using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace PkgForge.Sources.Debian;

/// <summary>
/// A clear-signed text, taken out of its frame (RFC 9580, section 7). Only what is signed is ever given out, and the
/// frame must be all of the file: what stands before or after it would be read by people but not be covered.
/// </summary>
/// <param name="Text">The signed text as it is to be read: dashes unescaped, white space at the ends of lines removed,
/// lines separated by <c>\n</c>. What the signature covers is exactly this with CRLF for each <c>\n</c>.</param>
/// <param name="Armor">The lines between the marks of the signature.</param>
internal sealed record ClearSigned(string Text, IReadOnlyList<string> Armor)
{
    private const string Begin = "-----BEGIN PGP SIGNED MESSAGE-----";
    private const string BeginSignature = "-----BEGIN PGP SIGNATURE-----";
    private const string EndSignature = "-----END PGP SIGNATURE-----";

    /// <summary>True when a text has a mark of OpenPGP armor at the beginning of a line.</summary>
    public static bool IsClaimed(string text) =>
        text.StartsWith("-----BEGIN PGP", StringComparison.Ordinal)
        || text.Contains("\n-----BEGIN PGP", StringComparison.Ordinal);

    /// <summary>The bytes that are signed.</summary>
    public byte[] SignedBytes() => Encoding.UTF8.GetBytes(Text.Replace("\n", "\r\n", StringComparison.Ordinal));

    /// <summary>Takes a text apart that is clear-signed.</summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out ClearSigned? signed,
        [NotNullWhen(false)] out string? error
    )
    {
        signed = null;
        var lines = text.Split('\n').Select(line => line.TrimEnd(' ', '\t')).ToList();
        var body = FirstLineOfText(lines);
        var armor = lines.IndexOf(BeginSignature);
        var end = lines.IndexOf(EndSignature);
        error =
            lines[0] != Begin ? $"a signed text must begin with {Begin}, and nothing may stand before it"
            : body < 0 ? "only 'Hash:' lines and one empty line may stand between the first line and the text"
            : armor < body || end < armor ? $"the text is not followed by {BeginSignature} and {EndSignature}"
            : lines.Skip(end + 1).Any(line => line.Length > 0) ? $"nothing may stand after {EndSignature}"
            : lines.Skip(body).Take(armor - body).Any(IsUnescaped)
                ? "a line of the signed text begins with '-' and is not escaped"
            : null;
        if (error is not null)
            return false;
        var plain = lines.Skip(body).Take(armor - body).Select(Unescape);
        signed = new(string.Join('\n', plain), [.. lines.Skip(armor + 1).Take(end - armor - 1)]);
        return true;
    }

    private static int FirstLineOfText(List<string> lines)
    {
        var empty = lines.IndexOf("", 1);
        var isHashes = lines.Skip(1).Take(empty - 1).All(line => line.StartsWith("Hash: ", StringComparison.Ordinal));
        return empty > 0 && isHashes ? empty + 1 : -1;
    }

    private static bool IsUnescaped(string line) => line is ['-', not ' ', ..] or "-";

    private static string Unescape(string line) => line.StartsWith("- ", StringComparison.Ordinal) ? line[2..] : line;
}
