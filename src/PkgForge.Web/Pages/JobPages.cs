using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>Jobs: the list, one of them, and what can be asked of it.</summary>
internal sealed class JobPages(ServedFarm farm, JobChanges changes, Withdrawals withdrawals, JobViews views)
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
        var page = await farm.Registry.FindJobsAsync(query, http.RequestAborted);
        var view = new JobsView(
            new(http, "Jobs", query.After is null ? EventRoutes.All : null),
            await JobLines.ExplainAsync(farm.Registry, page.Jobs, http.RequestAborted),
            query,
            new(JobQueries.Value(http, "from"), JobQueries.Value(http, "to")),
            [.. (await farm.Registry.ListPlatformsAsync(http.RequestAborted)).Select(platform => platform.Key)],
            farm.Buckets,
            page.Next is { } last ? JobQueries.Next(http, last) : null
        );
        await PageAnswers.WriteAsync(http, JobsPage.Create(view));
    }

    private async Task ShowAsync(HttpContext http)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is null && JobId.TryParse(Addressed.Part(http, "job"), out var id))
        {
            if (withdrawals.IsThere(id))
            {
                await ShowIncomingAsync(http, id);
                return;
            }
            // Incoming may have registered it since the first look; only then does it take the directory away.
            (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        }
        await (
            detail is null
                ? PageAnswers.SendAsync(http, problem!)
                : PageAnswers.WriteAsync(http, JobPage.Create(await views.ReadAsync(http, detail)))
        );
    }

    private async Task ChangeAsync(HttpContext http, JobChange change)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is null)
        {
            await PageAnswers.SendAsync(http, change == JobChange.Cancel ? await WithdrawAsync(http) : problem!);
            return;
        }
        (_, problem) = await changes.DoAsync(
            AccessGate.VisitorOf(http),
            detail.Job,
            change,
            new(await PlatformOfAsync(http)),
            http.RequestAborted
        );
        await PageAnswers.SendAsync(http, problem ?? new SeeOther($"/jobs/{detail.Job.Id}"));
    }

    /// <summary>Then there is no such job any more; or it is the registry's by now, and its page says that it was cancelled.</summary>
    private async Task<IResult> WithdrawAsync(HttpContext http)
    {
        if (!JobId.TryParse(Addressed.Part(http, "job"), out var id))
            return Addressed.NoJob(http);
        var (changed, refusal) = await withdrawals.DoAsync(AccessGate.VisitorOf(http), id, http.RequestAborted);
        return changed is null
            ? refusal ?? Addressed.NoJob(http)
            : new SeeOther(changed.Withdrawn == true ? "/jobs" : $"/jobs/{id}");
    }

    /// <summary>The one task that a form is about; null where it is about the whole job.</summary>
    private static async Task<string?> PlatformOfAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType || RequestBody.Bound(http, RequestBody.MostOfWords) is not null)
            return null;
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return form["platform"].ToString() is { Length: > 0 } platform ? platform : null;
    }

    /// <summary>It was submitted, and incoming has not taken it yet: the page becomes the job's when it has.</summary>
    private Task ShowIncomingAsync(HttpContext http, JobId id) =>
        PageAnswers.WriteAsync(
            http,
            IncomingPage.Create(
                new(
                    new(http, id.ToString(), EventRoutes.All),
                    id.ToString(),
                    withdrawals.May(AccessGate.VisitorOf(http), id)
                )
            )
        );
}
