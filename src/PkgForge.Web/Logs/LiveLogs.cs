using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using PkgForge.Registry;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Logs;

/// <summary>
/// Sends the lines of a log as the build writes them, as server-sent events. The kernel tells when the file has grown, the registry when the attempt has ended. A browser
/// that comes again after a broken connection names the last line that it has (<c>Last-Event-ID</c>), and goes on there.
/// </summary>
internal sealed class LiveLogs(
    ServedFarm farm,
    LogIndexes indexes,
    LogWatch watch,
    LogFollower follower,
    CancellationToken stopping
)
{
    private const int LinesAtOnce = 500;

    /// <summary>A build that says nothing: the connection is kept alive.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    public async Task SendAsync(HttpContext http, AddressedAttempt found)
    {
        var directory = ResultFiles.DirectoryOf(farm, found);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        await using var wakeUp = await farm.Registry.ListenAsync(Topic.Jobs, cancel.Token);
        using var notice = watch.Open(directory.Path, deep: false);
        var news = new News(wakeUp, notice);
        var events = new EventStream(http);
        await events.OpenAsync(cancel.Token);
        try
        {
            var (line, told) = (FirstLine(http), Told.Registry);
            while (true)
            {
                // Asked before the log is read: what was written before the end is then read, too.
                var ended = told != Told.Files && !await follower.IsRunningAsync(found, cancel.Token);
                line = await SendNewAsync(events, indexes.Of(directory.Log), line, ended, cancel.Token);
                if (ended)
                    break;
                told = await news.WaitAsync(Silence, cancel.Token);
                if (told == Told.Nothing)
                    await events.KeepAsync(cancel.Token);
            }
            await events.SendAsync("end", "", null, cancel.Token);
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the server stops: the browser comes again.
        }
    }

    private static long FirstLine(HttpContext http)
    {
        if (
            long.TryParse(
                http.Request.Headers["Last-Event-ID"].ToString(),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var last
            )
        )
            return last + 1;
        return LogQuery.Of(http).Line ?? 1;
    }

    private static async Task<long> SendNewAsync(
        EventStream events,
        LogIndex index,
        long line,
        bool ended,
        CancellationToken cancel
    )
    {
        LogState state;
        try
        {
            state = index.Refresh();
        }
        catch (FileNotFoundException)
        {
            return line;
        }
        var last = ended ? state.Lines : state.Whole;
        while (line <= last)
        {
            var lines = index.Read(line, (int)Math.Min(LinesAtOnce, last - line + 1), LogViews.LongestLine);
            if (lines.Count == 0)
                break;
            await events.SendAsync("lines", Html(lines), $"{lines[^1].Number}", cancel);
            line = lines[^1].Number + 1;
        }
        return line;
    }

    private static string Html(IReadOnlyList<LogLine> lines)
    {
        var html = new StringBuilder();
        foreach (var line in lines.Select(LogViews.Shown))
            html.Append(
                CultureInfo.InvariantCulture,
                $"<div id=\"L{line.Number}\"{(line.IsFarms ? " class=\"farm\"" : "")}><a href=\"?line={line.Number}#L{line.Number}\">{line.Number}</a><span>{line.Html}</span></div>"
            );
        return html.ToString();
    }
}
