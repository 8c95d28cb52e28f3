using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using PkgForge.Web.Access;

namespace PkgForge.Web.SignIn;

/// <summary>
/// One log-in at the provider, from the browser's going there to its coming back. All of it is in a cookie of this browser: a secret, from which state, nonce and verifier follow; where to go
/// afterwards; and the session that the browser had. The farm keeps nothing, so that nobody can fill its memory.
/// </summary>
internal sealed record OidcFlow(string Secret, string To, string? Former)
{
    private const string SafeName = "__Host-pkgforge-login";
    private const string PlainName = "pkgforge-login";
    private const int Digits = 43;
    private const int Sha256Digits = 64;
    private const string NoSession = "-";

    private static readonly TimeSpan Valid = TimeSpan.FromMinutes(10);

    /// <summary>Comes back with the browser: the answer is to this one's question (RFC 6749, 10.12).</summary>
    public string State => Derive("state"u8);

    /// <summary>Comes back in the token: it was made for this log-in (OpenID Connect Core 1.0, 3.1.2.1).</summary>
    public string Nonce => Derive("nonce"u8);

    /// <summary>Only who has it can use the code (RFC 7636).</summary>
    public string Verifier => Derive("verifier"u8);

    /// <summary>What the provider is shown of the verifier.</summary>
    public string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    /// <summary>Begins one, in this browser.</summary>
    public static OidcFlow Begin(HttpContext http, string to)
    {
        var flow = new OidcFlow(Access.Secret.Random(), to, Sessions.Current(http));
        var path = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(to));
        http.Response.Cookies.Append(NameFor(http), $"{flow.Secret}.{flow.Former ?? NoSession}.{path}", Cookie(http));
        return flow;
    }

    /// <summary>Ends the one of this browser; null when there is none.</summary>
    public static OidcFlow? Take(HttpContext http)
    {
        if (!http.Request.Cookies.TryGetValue(NameFor(http), out var cookie))
            return null;
        http.Response.Cookies.Delete(NameFor(http), Cookie(http));
        if (cookie.Split('.') is not [{ Length: Digits } secret, var former, var path] || !Base64Url.IsValid(path))
            return null;
        return new(
            secret,
            LocalPath.Of(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(path))),
            former.Length == Sha256Digits ? former : null
        );
    }

    /// <summary>Whether a state is this one's.</summary>
    public bool Began(string state) => IsSame(state, State);

    /// <summary>Whether a nonce is this one's.</summary>
    public bool AskedWith(string nonce) => IsSame(nonce, Nonce);

    private static bool IsSame(string given, string own) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(own));

    private string Derive(ReadOnlySpan<byte> purpose) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), purpose));

    private static string NameFor(HttpContext http) => http.Request.IsHttps ? SafeName : PlainName;

    /// <summary>The browser comes back from another site, and must bring it: so it is not as strict as a session's.</summary>
    private static CookieOptions Cookie(HttpContext http) =>
        new()
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = Valid,
            Path = "/",
            SameSite = SameSiteMode.Lax,
            Secure = http.Request.IsHttps,
        };
}
