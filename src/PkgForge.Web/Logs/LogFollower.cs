using System.Globalization;
using Microsoft.AspNetCore.Http;
using PkgForge.Logs;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Logs;

/// <summary>
/// Sends a log as the build writes it, as bytes or as events, and ends when the attempt has ended. Who was cut off says by <c>offset</c>, or by <c>Last-Event-ID</c>, how many bytes he has.
/// </summary>
internal sealed class LogFollower(ServedFarm farm, LiveLogs logs, CancellationToken stopping)
{
    private const int BlockSize = 16 << 10;

    /// <summary>A connection that nothing is said on is kept alive.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    public IResult Follow(AddressedAttempt found) => new Following(this, found);

    private async Task SendAsync(HttpContext http, AddressedAttempt found)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        using var watching = logs.Open(found);
        var (offset, seen, ended) = (OffsetOf(http), 0L, false);
        ILogOutput output = Prefers.Events(http) ? new LineEvents(http, offset) : new LogBytes(http);
        await output.OpenAsync(cancel.Token);
        var path = ResultFiles.DirectoryOf(farm, found).Log;
        while (!ended)
        {
            try
            {
                (seen, ended) = await watching.Log.WaitAsync(seen, Silence, cancel.Token);
            }
            catch (TimeoutException)
            {
                await output.KeepAsync(cancel.Token);
                continue;
            }
            offset = await SendNewAsync(output, watching.Log, (path, offset), cancel.Token);
        }
        await output.EndAsync(cancel.Token);
    }

    private static long OffsetOf(HttpContext http) =>
        long.TryParse(
            EventStream.LastIdOf(http) ?? http.Request.Query["offset"].ToString(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var offset
        )
            ? offset
            : 0;

    private static async Task<long> SendNewAsync(
        ILogOutput output,
        LiveLog live,
        (string Path, long Offset) from,
        CancellationToken cancel
    )
    {
        var (path, offset) = from;
        while (true)
        {
            var there = live.Copy(offset, output.Room(BlockSize));
            if (there == 0)
                return offset;
            if (there is null)
            {
                // Who has come late, or is slow, reads the log himself.
                var before = offset;
                offset = await SendOldAsync(output, path, offset, cancel);
                if (offset == before)
                    return offset;
                continue;
            }
            offset += there.Value;
            await output.SendAsync(there.Value, cancel);
        }
    }

    private static async Task<long> SendOldAsync(ILogOutput output, string path, long offset, CancellationToken cancel)
    {
        using var log = LogFile.TryOpen(path);
        if (log is null)
            return offset;
        int read;
        while ((read = log.Read(output.Room(BlockSize), offset)) > 0)
        {
            offset += read;
            await output.SendAsync(read, cancel);
        }
        return offset;
    }

    private sealed class Following(LogFollower follower, AddressedAttempt found) : IResult
    {
        public Task ExecuteAsync(HttpContext http) => follower.SendAsync(http, found);
    }
}
