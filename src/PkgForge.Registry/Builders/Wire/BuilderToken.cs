using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PkgForge.Registry.Builders.Wire;

/// <summary>
/// The secret by which a machine is known to be a builder: <c>pfb_</c> and 32 random bytes in base64url. The farm keeps
/// only its SHA-256.
/// </summary>
public static class BuilderToken
{
    private const string Prefix = "pfb_";
    private const int Bytes = 32;

    /// <summary>43: the digits of 32 bytes in base64url, without padding.</summary>
    private const int Digits = 43;

    /// <summary>A new one.</summary>
    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>True when a text has the form of a token.</summary>
    public static bool IsWellFormed(string text) =>
        text.Length == Prefix.Length + Digits
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && Base64Url.IsValid(text.AsSpan(Prefix.Length));

    /// <summary>A one-time code to enrol with: 120 random bits, readable over a telephone.</summary>
    public static string NewCode() =>
        string.Join(
            '-',
            RandomNumberGenerator
                .GetString("abcdefghjkmnpqrstuvwxyz23456789", CodeDigits)
                .Chunk(6)
                .Select(part => new string(part))
        );

    private const int CodeDigits = 24;

    /// <summary>What the farm knows a token or a code by: 64 lower-case hexadecimal digits.</summary>
    public static string Sha256Of(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>True for 64 lower-case hexadecimal digits.</summary>
    public static bool IsSha256(string? text) =>
        text is { Length: 64 } && text.All(digit => char.IsAsciiDigit(digit) || digit is >= 'a' and <= 'f');
}
