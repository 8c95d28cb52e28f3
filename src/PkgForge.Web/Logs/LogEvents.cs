using System.Globalization;
using Microsoft.AspNetCore.Http;
using PkgForge.Registry;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Logs;

/// <summary>
/// Sends the lines of a log to a page as the build writes them, as server-sent events. The kernel tells when the file has grown, the registry when the attempt has
/// ended. A browser that comes again after a broken connection names the last line that it has (<c>Last-Event-ID</c>), and goes on there.
/// </summary>
internal sealed class LogEvents(LiveLogs logs, StreamPlaces places, CancellationToken stopping)
{
    /// <summary>A build that says nothing: the connection is kept alive.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    public Task SendAsync(HttpContext http, AddressedAttempt found) =>
        places.Bounded(_ => FollowAsync(http, found))(http);

    private async Task FollowAsync(HttpContext http, AddressedAttempt found)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        using var watching = logs.Open(found);
        var events = new EventStream(http);
        await events.OpenAsync(cancel.Token);
        try
        {
            var (line, seen, ended) = (FirstLine(http), 0L, false);
            while (!ended)
            {
                try
                {
                    (seen, ended) = await watching.Log.WaitAsync(seen, Silence, cancel.Token);
                }
                catch (TimeoutException)
                {
                    await events.KeepAsync(cancel.Token);
                    continue;
                }
                line = await SendAsync(events, watching.Log, line, cancel.Token);
            }
            await events.SendAsync("end", "", null, cancel.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or FarmUnavailableException)
        {
            // The page was closed, the server stops, or the registry is away: the browser comes again.
        }
    }

    private static async Task<long> SendAsync(EventStream events, LiveLog log, long line, CancellationToken cancel)
    {
        while (true)
        {
            var lines = log.LinesFrom(line);
            if (lines.Last >= line)
                await events.SendAsync(lines.Event, cancel);
            line = lines.Last + 1;
            if (lines.IsAll)
                return line;
        }
    }

    private static long FirstLine(HttpContext http)
    {
        if (long.TryParse(EventStream.LastIdOf(http), NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            return last + 1;
        return LogQuery.Of(http).Line ?? 1;
    }
}
