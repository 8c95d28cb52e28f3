using System.Globalization;
using Microsoft.AspNetCore.Http;
using PkgForge.Logs;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Logs;

/// <summary>
/// Sends a log's bytes as the build writes them, and ends when the attempt has ended. Who was cut off says by <c>offset</c> how many bytes he has.
/// </summary>
internal sealed class LogFollower(ServedFarm farm, LiveLogs logs, CancellationToken stopping)
{
    private const int BlockSize = 16 << 10;

    public IResult Follow(AddressedAttempt found) => new Following(this, found);

    private async Task SendAsync(HttpContext http, AddressedAttempt found)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        using var watching = logs.Open(found);
        SafeHeaders.OfFile(http);
        http.Response.ContentType = ResultFiles.Text;
        await http.Response.StartAsync(cancel.Token);
        var path = ResultFiles.DirectoryOf(farm, found).Log;
        var (offset, seen, ended) = (OffsetOf(http), 0L, false);
        while (!ended)
        {
            (seen, ended) = await watching.Log.WaitAsync(seen, Timeout.InfiniteTimeSpan, cancel.Token);
            offset = await SendNewAsync(http, watching.Log, (path, offset), cancel.Token);
        }
    }

    private static long OffsetOf(HttpContext http) =>
        long.TryParse(
            http.Request.Query["offset"].ToString(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var offset
        )
            ? offset
            : 0;

    private static async Task<long> SendNewAsync(
        HttpContext http,
        LiveLog live,
        (string Path, long Offset) from,
        CancellationToken cancel
    )
    {
        var (path, offset) = from;
        var body = http.Response.BodyWriter;
        while (true)
        {
            var there = live.Copy(offset, body.GetSpan(BlockSize));
            if (there == 0)
                return offset;
            if (there is null)
            {
                // Who has come late, or is slow, reads the log himself.
                var before = offset;
                offset = await SendOldAsync(http, path, offset, cancel);
                if (offset == before)
                    return offset;
                continue;
            }
            body.Advance(there.Value);
            offset += there.Value;
            await body.FlushAsync(cancel);
        }
    }

    private static async Task<long> SendOldAsync(HttpContext http, string path, long offset, CancellationToken cancel)
    {
        using var log = LogFile.TryOpen(path);
        if (log is null)
            return offset;
        var body = http.Response.BodyWriter;
        int read;
        while ((read = log.Read(body.GetSpan(BlockSize), offset)) > 0)
        {
            body.Advance(read);
            offset += read;
            await body.FlushAsync(cancel);
        }
        return offset;
    }

    private sealed class Following(LogFollower follower, AddressedAttempt found) : IResult
    {
        public Task ExecuteAsync(HttpContext http) => follower.SendAsync(http, found);
    }
}
