using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Microsoft.Win32.SafeHandles;
using PkgForge.Web.Access;

namespace PkgForge.Web.Hosting;

/// <summary>Entity tags (RFC 9110, 8.8.3): who has an answer asks whether it still holds, and is answered by a status alone.</summary>
internal static class EntityTags
{
    /// <summary>Of content: two contents have the same one never.</summary>
    public static EntityTagHeaderValue Of(ReadOnlySpan<byte> content) =>
        new($"\"{Base64Url.EncodeToString(SHA256.HashData(content))}\"");

    /// <summary>Of a file that is never written to again: what is in its place later was written at another time.</summary>
    public static EntityTagHeaderValue Of(SafeFileHandle file) =>
        new($"\"{RandomAccess.GetLength(file):x}-{File.GetLastWriteTimeUtc(file).Ticks:x}\"");

    /// <summary>Sends content that somebody may have already.</summary>
    public static async Task SendAsync(HttpContext http, string type, ReadOnlyMemory<byte> content)
    {
        MayBeKept(http);
        if (IsKnown(http, Of(content.Span)))
            return;
        http.Response.ContentType = type;
        http.Response.ContentLength = content.Length;
        await http.Response.BodyWriter.WriteAsync(content, http.RequestAborted);
    }

    /// <summary>
    /// The caller may keep the answer for itself, if it asks each time whether it holds. A browser keeps nothing that its session was shown: whoever comes after a log-out finds nothing.
    /// </summary>
    public static void MayBeKept(HttpContext http)
    {
        if (http.Items[typeof(Visitor)] is Visitor { FormToken: null })
            http.Response.Headers.CacheControl = "private, no-cache";
    }

    /// <summary>Gives the answer its tag. Where the caller has what it is of, this is all of the answer.</summary>
    public static bool IsKnown(HttpContext http, EntityTagHeaderValue tag)
    {
        http.Response.Headers.ETag = tag.ToString();
        if (
            !EntityTagHeaderValue.TryParseList(http.Request.Headers.IfNoneMatch, out var known)
            || !known.Any(one => one.Compare(tag, useStrongComparison: false) || one.Equals(EntityTagHeaderValue.Any))
        )
            return false;
        http.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }
}
