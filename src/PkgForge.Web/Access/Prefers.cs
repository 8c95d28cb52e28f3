using Microsoft.AspNetCore.Http;

namespace PkgForge.Web.Access;

/// <summary>What a request would rather be answered with.</summary>
internal static class Prefers
{
    /// <summary>A page: it is a browser's. Scripts get problem details.</summary>
    public static bool Pages(HttpContext http) =>
        !http.Request.Path.StartsWithSegments("/api")
        && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>Server-sent events.</summary>
    public static bool Events(HttpContext http) =>
        http.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);
}
