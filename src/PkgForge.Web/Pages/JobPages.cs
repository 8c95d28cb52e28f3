using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>Jobs: the list, one of them, and what can be asked of it.</summary>
internal sealed class JobPages(ServedFarm farm)
{
    private const int JobsOnPage = 50;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/jobs", (RequestDelegate)ListAsync).For(Rule.Look);
        routes.MapGet("/jobs/{job}", (RequestDelegate)ShowAsync).For(Rule.Look);
        routes.MapPost("/jobs/{job}/cancel", (RequestDelegate)(http => ChangeAsync(http, "cancel"))).For(Rule.Change);
        routes.MapPost("/jobs/{job}/retry", (RequestDelegate)(http => ChangeAsync(http, "retry"))).For(Rule.Change);
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
        if (await FindAsync(http) is not { } detail)
            return;
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

    private async Task ChangeAsync(HttpContext http, string action)
    {
        if (await FindAsync(http) is not { } detail)
            return;
        var visitor = AccessGate.VisitorOf(http);
        if (!visitor.MayChange(detail.Job))
        {
            await PageAnswers.SendAsync(
                http,
                Answers.Forbidden(
                    $"job {detail.Job.Id} is {detail.Job.Submitter}'s: its submitter, a maintainer of bucket '{detail.Job.Bucket}' or an admin may {action} it"
                )
            );
            return;
        }
        var job = detail.Job.Id;
        await farm.Registry.AddAuditAsync(visitor.Account!, action, job.ToString(), http.RequestAborted);
        if (action == "cancel")
            await farm.Registry.CancelAsync(job, null, http.RequestAborted);
        else
            await farm.Registry.RetryAsync(job, null, all: false, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = $"/jobs/{job}";
    }

    /// <summary>The job that the address names; null when the answer has been sent that there is none.</summary>
    private async Task<JobDetail?> FindAsync(HttpContext http)
    {
        var text = (string)http.Request.RouteValues["job"]!;
        var detail = JobId.TryParse(text, out var id)
            ? await farm.Registry.FindJobAsync(id, http.RequestAborted)
            : null;
        if (detail is null)
            await PageAnswers.SendAsync(
                http,
                Answers.NotFound(
                    $"there is no job '{text}'; one that was submitted a moment ago may not have been taken yet"
                )
            );
        return detail;
    }
}
