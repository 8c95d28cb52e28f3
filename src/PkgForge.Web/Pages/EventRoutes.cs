using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Pages;

/// <summary>
/// Tells pages that what they show has changed, as server-sent events: what ends or comes by the registry's own notice, what begins by the directory that
/// an attempt gets. Nothing is said of what it is: the page asks.
/// </summary>
internal sealed class EventRoutes(ServedFarm farm, LogWatch watch, StreamPlaces places, CancellationToken stopping)
{
    /// <summary>Where the page of the farm is told.</summary>
    public const string All = "/events";

    /// <summary>A page is told no more often than this, however much happens.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A connection that nothing is said on is kept alive.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    /// <summary>Where the page of a job is told.</summary>
    public static string Of(JobId job) => $"/events?job={job}";

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(All, places.Bounded(TellAsync)).For(Rule.Look);

    private async Task TellAsync(HttpContext http)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        await using var wakeUp = await farm.Registry.ListenAsync(Topic.Jobs, cancel.Token);
        using var notice = await OpenNoticeAsync(http, cancel.Token);
        var news = new News(wakeUp, notice);
        var events = new EventStream(http);
        await events.OpenAsync(cancel.Token);
        try
        {
            while (true)
            {
                var changed = await news.WaitAsync(Silence, cancel.Token) != Told.Nothing;
                await (changed ? events.SendAsync("changed", "", null, cancel.Token) : events.KeepAsync(cancel.Token));
                await Task.Delay(Pause, farm.Time, cancel.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the server stops: the browser comes again.
        }
    }

    /// <summary>
    /// A job's directory is there once its first attempt has begun; until then its coming is what to watch for. In that of a job that has ended nothing happens, unless the registry
    /// tells of a retry.
    /// </summary>
    private async Task<LogNotice?> OpenNoticeAsync(HttpContext http, CancellationToken cancel)
    {
        if (!JobId.TryParse(http.Request.Query["job"].ToString(), out var job))
            return watch.Open(farm.Spool.Results.Path, deep: false);
        var isLive = await farm.Registry.FindJobAsync(job, cancel) is { } detail && JobLists.IsLive(detail.Job.State);
        return (isLive ? watch.Open(farm.Spool.Results.PathOf(job), deep: true) : null)
            ?? watch.Open(farm.Spool.Results.Path, deep: false);
    }
}
