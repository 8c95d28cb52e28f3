using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using PkgForge.Logs;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Logs;

/// <summary>
/// A log as a whole or in part. As it is: <c>?compressed</c> is answered with its stored form (a plain log is packed on the way), for who keeps it; who asks for
/// the whole and takes zstd as an encoding is sent the file as it lies there, and unpacks it; everybody else is sent text.
/// </summary>
internal static class LogDownload
{
    private const string Zstd = "zstd";

    /// <summary>RFC 8878, 7.1.</summary>
    public const string ZstdType = "application/zstd";

    /// <summary>The answer.</summary>
    /// <param name="http">The request.</param>
    /// <param name="path">Where the log's plain form is.</param>
    /// <param name="found">Whose it is.</param>
    public static IResult Of(HttpContext http, string path, AddressedAttempt found)
    {
        if (LogFile.TryOpen(path) is not { } log)
            return ResultFiles.NoFile;
        SafeHeaders.OfFile(http);
        http.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        var tag = TagOf(log, found);
        if (tag is not null)
            EntityTags.MayBeKept(http);
        if (http.Request.Query.ContainsKey("compressed"))
            return new Packed(
                (log, path, tag),
                $"{found.Detail.Job.Id}-{found.Task.Platform}-{found.Attempt.Number}.log.zst"
            );
        var stored = path + LogFile.StoredSuffix;
        if (TakesZstd(http.Request) && File.Exists(stored))
        {
            log.Dispose();
            return new AsItLies(stored, tag);
        }
        return TypedResults.File(
            new LogStream(log),
            ResultFiles.Text,
            enableRangeProcessing: true,
            entityTag: tag is null ? null : new($"\"{tag}\"")
        );
    }

    /// <summary>Nobody writes to the log of an attempt that has ended; null while it goes on.</summary>
    private static string? TagOf(LogFile log, AddressedAttempt found) =>
        found.Attempt.Ended is { } ended
            ? string.Create(CultureInfo.InvariantCulture, $"{log.Length:x}-{ended.UtcTicks:x}")
            : null;

    /// <summary>A part of what is packed is nothing that could be unpacked.</summary>
    private static bool TakesZstd(HttpRequest request) =>
        request.Headers.Range.Count == 0
        && StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var encodings)
        && encodings.Any(encoding =>
            encoding.Value.Equals(Zstd, StringComparison.OrdinalIgnoreCase) && encoding.Quality is not 0
        );

    private sealed class AsItLies(string stored, string? tag) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            // Other bytes than the text itself, so another tag (RFC 9110, 8.8.3.3).
            if (tag is not null && EntityTags.IsKnown(http, new($"\"{tag}-{Zstd}\"")))
                return Task.CompletedTask;
            http.Response.ContentType = ResultFiles.Text;
            http.Response.Headers.ContentEncoding = Zstd;
            http.Response.ContentLength = new FileInfo(stored).Length;
            return http.Response.SendFileAsync(stored, http.RequestAborted);
        }
    }

    private sealed class Packed((LogFile Log, string Path, string? Tag) of, string name) : IResult
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            using var log = of.Log;
            if (LogFile.OpenStored(of.Path) is { } stored)
            {
                var file = TypedResults.File(
                    stored,
                    ZstdType,
                    name,
                    enableRangeProcessing: true,
                    entityTag: of.Tag is null ? null : new($"\"{of.Tag}-{Zstd}\"")
                );
                await file.ExecuteAsync(http);
                return;
            }
            // What packs may pack in another way the next time: not the tag of what is stored.
            if (of.Tag is not null && EntityTags.IsKnown(http, new($"\"{of.Tag}-packed\"", isWeak: true)))
                return;
            http.Response.ContentType = ZstdType;
            http.Response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment")
            {
                FileName = name,
            }.ToString();
            await LogFrames.WriteAsync(log, http.Response.Body, http.RequestAborted);
        }
    }
}
