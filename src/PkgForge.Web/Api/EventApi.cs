using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Jobs;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;
using PkgForge.Web.Live;

namespace PkgForge.Web.Api;

/// <summary>
/// What becomes of jobs, as server-sent events: <c>/api/v1/events</c> of all, <c>/api/v1/jobs/JOB/events</c> of one, until it has ended. Who was cut off comes again with the id of the last
/// event that it has (<c>Last-Event-ID</c>).
/// </summary>
internal sealed class EventApi(Feeds feeds, StreamPlaces places, CancellationToken stopping)
{
    /// <summary>A connection that nothing is said on is kept alive.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    public void Map(IEndpointRouteBuilder routes)
    {
        Get(routes, "/events", EventOperations.All, All);
        Get(routes, "/jobs/{job}/events", EventOperations.OfJob, OfJob);
    }

    private void Get(
        IEndpointRouteBuilder routes,
        string path,
        ApiOperation about,
        Func<HttpContext, CancellationToken, IAsyncEnumerable<FarmEvent>> events
    ) => routes.MapGet(path, places.Bounded(http => SendAsync(http, events))).For(Rule.Look).Described(about);

    private IAsyncEnumerable<FarmEvent> All(HttpContext http, CancellationToken cancel) =>
        feeds.FollowAllAsync(
            http.Request.Query["submitter"].ToString() is { Length: > 0 } submitter ? submitter : null,
            EventStream.LastIdOf(http),
            Silence,
            cancel
        );

    private IAsyncEnumerable<FarmEvent> OfJob(HttpContext http, CancellationToken cancel) =>
        JobId.TryParse(Addressed.Part(http, "job"), out var job)
            ? feeds.FollowAsync(job, EventStream.LastIdOf(http), Silence, cancel)
            : AsyncEnumerable.Empty<FarmEvent>();

    private async Task SendAsync(
        HttpContext http,
        Func<HttpContext, CancellationToken, IAsyncEnumerable<FarmEvent>> events
    )
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        await using var next = events(http, cancel.Token).GetAsyncEnumerator(cancel.Token);
        // Before the answer begins: there may be no such job, or nothing to tell of it.
        if (!await next.MoveNextAsync())
        {
            await Addressed.NoJob(http).ExecuteAsync(http);
            return;
        }
        if (next.Current.Name == FarmEvent.End)
        {
            // Browsers come again to whatever ends, but for this.
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        var stream = new EventStream(http);
        await stream.OpenAsync(cancel.Token);
        try
        {
            do await SendAsync(stream, next.Current, cancel.Token);
            while (await next.MoveNextAsync());
        }
        catch (OperationCanceledException)
        {
            // The caller is gone, or the server stops: it comes again.
        }
    }

    private static Task SendAsync(EventStream stream, FarmEvent news, CancellationToken cancel) =>
        news == FarmEvent.Silence ? stream.KeepAsync(cancel) : stream.SendAsync(news.Name, news.Data, news.Id, cancel);
}
