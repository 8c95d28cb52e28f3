using Microsoft.AspNetCore.Http;

namespace PkgForge.Web.Access;

/// <summary>The cookie of a browser's session. Scripts cannot read it, and no other site's request brings it.</summary>
internal static class SessionCookie
{
    /// <summary>With this prefix a browser takes it over TLS only, and from nobody but this host (RFC 6265bis, 4.1.3).</summary>
    private const string SafeName = "__Host-pkgforge";

    private const string PlainName = "pkgforge";

    public static string? Read(HttpContext http) =>
        http.Request.Cookies.TryGetValue(NameFor(http), out var value) ? value : null;

    public static void Write(HttpContext http, string session, TimeSpan valid) =>
        http.Response.Cookies.Append(NameFor(http), session, Options(http, valid));

    public static void Remove(HttpContext http) =>
        http.Response.Cookies.Delete(NameFor(http), Options(http, TimeSpan.Zero));

    private static string NameFor(HttpContext http) => http.Request.IsHttps ? SafeName : PlainName;

    private static CookieOptions Options(HttpContext http, TimeSpan valid) =>
        new()
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = valid,
            Path = "/",
            SameSite = SameSiteMode.Strict,
            Secure = http.Request.IsHttps,
        };
}
