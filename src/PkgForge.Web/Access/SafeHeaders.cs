using Microsoft.AspNetCore.Http;

namespace PkgForge.Web.Access;

/// <summary>What every answer says to the browser, so that nothing that a build prints can do anything in it.</summary>
internal static class SafeHeaders
{
    /// <summary>Nothing but this site's own files; no script, style or frame from a page's text or from elsewhere.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>For files that builds made: whatever they are, they are nobody's page.</summary>
    private const string FilePolicy = "sandbox; default-src 'none'; frame-ancestors 'none'";

    public static RequestDelegate Add(RequestDelegate next) =>
        http =>
        {
            var headers = http.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers.CacheControl = "no-store";
            return next(http);
        };

    /// <summary>The answer is a file that a build made.</summary>
    public static void OfFile(HttpContext http) => http.Response.Headers.ContentSecurityPolicy = FilePolicy;
}
