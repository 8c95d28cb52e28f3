using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Administration;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>
/// How soon a job is built: <c>PUT /api/v1/jobs/JOB/priority</c>. Whoever may cancel a job may say so: he could as well have submitted it with that priority.
/// </summary>
internal sealed class JobPriority(ServedFarm farm)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapAdmin("PUT", "/jobs/{job}/priority", JobOperations.Prioritise, SetAsync, Rule.Change);

    /// <summary>Moves a job's waiting tasks to another priority, if this visitor may. Returns how many wait; or why not.</summary>
    public async Task<(int Waiting, IResult? Problem)> SetAsync(HttpContext http, JobSummary job, string word)
    {
        if (!AccessGate.VisitorOf(http).MayChange(job))
            return (
                0,
                Answers.Forbidden(
                    $"job {job.Id} is {job.Submitter}'s: its submitter, a maintainer of bucket '{job.Bucket}' or an admin may give it another priority"
                )
            );
        if (!Priorities.TryParse(word, out var priority))
            return (0, Answers.BadRequest($"'{word}' is not a priority: expected {Priorities.Rule}"));
        var set = await farm.By(http).SetPriorityAsync(job.Id, priority, http.RequestAborted);
        return set.Refusal is { } refusal ? (0, AdminRoutes.Problem(refusal)) : (set.Value, null);
    }

    private async Task<IResult> SetAsync(HttpContext http)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is null)
            return problem!;
        // Who may not is told so first, whatever he has sent.
        if (!AccessGate.VisitorOf(http).MayChange(detail.Job))
            return (await SetAsync(http, detail.Job, "")).Problem!;
        var (request, bad) = await RequestBody.ReadAsync(http, AdminRequestJson.Default.PriorityChange);
        if (request is null)
            return bad!;
        var (waiting, refused) = await SetAsync(http, detail.Job, request.Priority);
        return refused
            ?? Answers.Json(new(detail.Job.Id.ToString(), request.Priority, waiting), AdminJson.Default.PriorityAnswer);
    }
}
