using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Web.Access;

/// <summary>What accounts prove themselves with: a prefix that tells what it is, and 32 random bytes in base64url. The farm keeps only its SHA-256.</summary>
public static class Secret
{
    private const string TokenPrefix = "pfa_";
    private const string SessionPrefix = "pfs_";
    private const string ClaimPrefix = "pfc_";
    private const int Bytes = 32;

    /// <summary>The digits of 32 bytes in base64url, without padding.</summary>
    private const int Digits = 43;

    /// <summary>A new token, for scripts and for logging in.</summary>
    public static string NewToken() => TokenPrefix + Random();

    /// <summary>A new session of a browser.</summary>
    public static string NewSession() => SessionPrefix + Random();

    /// <summary>What a command gets its token by, once somebody has allowed it.</summary>
    public static string NewClaim() => ClaimPrefix + Random();

    /// <summary>Random bytes in base64url, that are kept nowhere.</summary>
    internal static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>True when a text has the form of what <see cref="NewClaim"/> makes.</summary>
    public static bool IsClaim(string text) => Is(text, ClaimPrefix);

    /// <summary>True when a text has the form of a token.</summary>
    public static bool IsToken(string text) => Is(text, TokenPrefix);

    /// <summary>True when a text has the form of a session.</summary>
    public static bool IsSession(string text) => Is(text, SessionPrefix);

    /// <summary>What the farm knows a secret by: 64 lower-case hexadecimal digits.</summary>
    public static string Sha256Of(string secret) => BuilderToken.Sha256Of(secret);

    /// <summary>What forms of a session carry. Nobody can make it who does not know the session, nor the session from it.</summary>
    public static string FormTokenOf(string session) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(session), "form"u8));

    private static bool Is(string text, string prefix) =>
        text.Length == prefix.Length + Digits
        && text.StartsWith(prefix, StringComparison.Ordinal)
        && Base64Url.IsValid(text.AsSpan(prefix.Length));
}
