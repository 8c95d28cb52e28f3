using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry.Views;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Api;

/// <summary>Publishing what a job has made in another bucket: <c>/api/v1/jobs/JOB/promote</c>, and the form of its page.</summary>
internal sealed class PromoteApi(ServedFarm farm, Promotions promotions)
{
    public void Map(IEndpointRouteBuilder pages, IEndpointRouteBuilder api)
    {
        pages.MapPost("/jobs/{job}/promote", (RequestDelegate)TakeAsync).For(Rule.Change);
        api.MapApi("POST", "/jobs/{job}/promote", Rule.Change, JobOperations.Promote, PromoteAsync);
    }

    private async Task<IResult> PromoteAsync(HttpContext http)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is null)
            return problem!;
        var (request, bad) = await RequestBody.ReadAsync(http, RequestJson.Default.PromoteRequest);
        if (request is null)
            return bad!;
        (var outcomes, problem) = await promotions.DoAsync(
            AccessGate.VisitorOf(http),
            detail,
            request,
            http.RequestAborted
        );
        return outcomes is null
            ? problem!
            : Answers.Json(PromotedJson.Of(detail.Job.Id, request.Bucket, outcomes), ApiJson.Default.PromotedJson);
    }

    private async Task TakeAsync(HttpContext http)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        await PageAnswers.SendAsync(http, detail is null ? problem! : await TakeAsync(http, detail));
    }

    private async Task<IResult> TakeAsync(HttpContext http, Registry.JobDetail detail)
    {
        if (!http.Request.HasFormContentType)
            return Answers.BadRequest("expected the form of the page of a job");
        if (RequestBody.Bound(http, RequestBody.MostOfWords) is { } tooMuch)
            return tooMuch;
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (outcomes, problem) = await promotions.DoAsync(
            AccessGate.VisitorOf(http),
            detail,
            new(form["bucket"].ToString()),
            http.RequestAborted
        );
        if (outcomes is null)
            return problem!;
        var refused = outcomes.Where(outcome => outcome.Refusal is not null).ToList();
        if (refused.Count > 0)
            return Answers.Conflict(
                string.Join("; ", refused.Select(outcome => $"{outcome.Platform}: {outcome.Refusal}"))
            );
        var platforms = string.Join(", ", outcomes.Select(outcome => outcome.Platform));
        var done = new Notice(
            $"What the job has made was published in {form["bucket"]} for {platforms}.",
            Trouble: false
        );
        return new SeeOther(done.At(http, $"/jobs/{detail.Job.Id}"));
    }
}
