using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>Jobs: the list, one of them, and what can be asked of it.</summary>
internal sealed class JobPages(ServedFarm farm, JobChanges changes)
{
    private const int JobsOnPage = 50;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/jobs", (RequestDelegate)ListAsync).For(Rule.Look);
        routes.MapGet("/jobs/{job}", (RequestDelegate)ShowAsync).For(Rule.Look);
        routes
            .MapPost("/jobs/{job}/cancel", (RequestDelegate)(http => ChangeAsync(http, JobChange.Cancel)))
            .For(Rule.Change);
        routes
            .MapPost("/jobs/{job}/retry", (RequestDelegate)(http => ChangeAsync(http, JobChange.Retry)))
            .For(Rule.Change);
    }

    private async Task ListAsync(HttpContext http)
    {
        if (JobQueries.Read(http, JobsOnPage, out var problem) is not { } query)
        {
            await PageAnswers.SendAsync(http, problem!);
            return;
        }
        var lines = await JobLines.ReadAsync(farm.Registry, query, http.RequestAborted);
        var older = lines.Count == query.Limit ? JobQueries.Address(query with { After = lines[^1].Job.Id }) : null;
        var frame = new PageFrame(http, "Jobs", query.After is null ? EventRoutes.All : null);
        await PageAnswers.WriteAsync(http, JobsPage.Create(new(frame, lines, query.Submitter, query.State, older)));
    }

    private async Task ShowAsync(HttpContext http)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is null)
        {
            await (IsIncoming(http) ? ShowIncomingAsync(http) : PageAnswers.SendAsync(http, problem!));
            return;
        }
        var waiting = await farm.Registry.ExplainAsync(detail.Job.Id, http.RequestAborted);
        var products = new Dictionary<PlatformKey, IReadOnlyList<Product>>();
        foreach (var task in detail.Tasks.Where(task => task.State == BuildTaskState.Success))
            products[task.Platform] = await farm.Registry.ListProductsAsync(
                detail.Job.Id,
                task.Platform,
                http.RequestAborted
            );
        var view = new JobView(
            new(http, detail.Job.Id.ToString(), EventRoutes.Of(detail.Job.Id)),
            farm.Time.GetUtcNow(),
            detail,
            waiting.ToDictionary(why => why.Platform),
            products,
            AccessGate.VisitorOf(http).MayChange(detail.Job)
        );
        await PageAnswers.WriteAsync(http, JobPage.Create(view));
    }

    private async Task ChangeAsync(HttpContext http, JobChange change)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is not null)
            (_, problem) = await changes.DoAsync(
                AccessGate.VisitorOf(http),
                detail.Job,
                change,
                new(),
                http.RequestAborted
            );
        await PageAnswers.SendAsync(http, problem ?? new SeeOther($"/jobs/{detail!.Job.Id}"));
    }

    private bool IsIncoming(HttpContext http) =>
        JobId.TryParse(Addressed.Part(http, "job"), out var id) && farm.Spool.Incoming.Find(id.ToString()) is not null;

    /// <summary>It was submitted, and incoming has not taken it yet: the page becomes the job's when it has.</summary>
    private static Task ShowIncomingAsync(HttpContext http) =>
        PageAnswers.WriteAsync(
            http,
            IncomingPage.Create(
                new(new(http, Addressed.Part(http, "job"), EventRoutes.All), Addressed.Part(http, "job"))
            )
        );
}
