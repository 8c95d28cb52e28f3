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

/// <summary>The sources of a job once more: a form that says what was asked for, to be changed.</summary>
internal sealed class ResubmitPages(ServedFarm farm, JobManifests manifests, Resubmissions resubmissions)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapGet(
                "/jobs/{job}/manifest",
                (RequestDelegate)(
                    async http =>
                        await PageAnswers.SendAsync(http, await ResubmitApi.ManifestAsync(http, farm, manifests))
                )
            )
            .For(Rule.Look);
        routes.MapGet("/jobs/{job}/resubmit", (RequestDelegate)AskAsync).For(Rule.Change);
        routes.MapPost("/jobs/{job}/resubmit", (RequestDelegate)TakeAsync).For(Rule.Change);
    }

    private async Task AskAsync(HttpContext http)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is not null && manifests.Find(detail.Job.Id) is { } job)
            await ShowAsync(http, job, []);
        else
            await PageAnswers.SendAsync(
                http,
                problem
                    ?? Answers.NotFound($"the farm has not kept the sources of job {detail!.Job.Id}: submit the files")
            );
    }

    private async Task TakeAsync(HttpContext http)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is null)
        {
            await PageAnswers.SendAsync(http, problem!);
            return;
        }
        var (request, bad) = await ReadAsync(http);
        if (request is null)
        {
            await PageAnswers.SendAsync(http, bad!);
            return;
        }
        var account = AccessGate.VisitorOf(http).Account!;
        (var placed, problem) = await resubmissions.PlaceAsync(account, detail.Job, request, http.RequestAborted);
        if (placed is { Job: null } && manifests.Find(detail.Job.Id) is { } job)
            await ShowAsync(http, Changed(job, request), placed.Trouble);
        else
            await PageAnswers.SendAsync(http, problem ?? new SeeOther($"/jobs/{placed!.Job!.Id}"));
    }

    private static async Task<(ResubmitRequest? Request, IResult? Problem)> ReadAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType)
            return (new(), null);
        if (RequestBody.Bound(http, RequestBody.MostOfWords) is { } tooMuch)
            return (null, tooMuch);
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        string? Word(string name) => form[name].ToString() is { Length: > 0 } text ? text : null;
        return (
            new(
                Word("bucket"),
                null,
                SubmitValues.Split(form["platforms"]),
                SubmitValues.Split(form["architectures"]),
                SubmitValues.Split(form["report"]),
                null,
                Word("order"),
                Word("priority"),
                form["scratch"] == "true"
            ),
            null
        );
    }

    /// <summary>What was typed stays where it can be shown again.</summary>
    private static Job Changed(Job job, ResubmitRequest request) =>
        job with
        {
            Bucket = request.Bucket ?? job.Bucket,
            Platforms = request.Platforms ?? [],
            Architectures = request.Architectures ?? [],
            Report = request.Report ?? [],
            Scratch = request.Scratch ?? job.Scratch,
        };

    private async Task ShowAsync(HttpContext http, Job job, IReadOnlyList<string> trouble)
    {
        if (trouble.Count > 0)
            http.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        var platforms = (await farm.Registry.ListPlatformsAsync(http.RequestAborted)).Where(p => p.Active).ToList();
        await PageAnswers.WriteAsync(
            http,
            ResubmitPage.Create(new(new(http, $"Submit {job.Id} again"), job, farm.Buckets, platforms, trouble))
        );
    }
}
