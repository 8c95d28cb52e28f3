using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Registry.Views;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>What was asked for with a job, and asking it again: <c>/api/v1/jobs/JOB/manifest</c> and <c>/resubmit</c>.</summary>
internal sealed class ResubmitApi(ServedFarm farm, JobManifests manifests, Resubmissions resubmissions)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi(
            "GET",
            "/jobs/{job}/manifest",
            Rule.Look,
            JobOperations.Manifest,
            http => ManifestAsync(http, farm, manifests)
        );
        routes.MapApi("POST", "/jobs/{job}/resubmit", Rule.Change, JobOperations.Resubmit, ResubmitAsync);
    }

    /// <summary>Answers with a job's manifest, as a file.</summary>
    public static async Task<IResult> ManifestAsync(HttpContext http, ServedFarm farm, JobManifests manifests)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is null)
            return problem!;
        if (manifests.Find(detail.Job.Id) is not { } job)
            return Answers.NotFound($"the manifest of job {detail.Job.Id} was not kept");
        SafeHeaders.OfFile(http);
        return TypedResults.Bytes(
            JobManifests.TextOf(job, AccessGate.VisitorOf(http).Account is not null),
            Pages.ResultFiles.Text
        );
    }

    private async Task<IResult> ResubmitAsync(HttpContext http)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is null)
            return problem!;
        var (request, bad) = await RequestBody.ReadOrAsync(http, RequestJson.Default.ResubmitRequest, new());
        if (request is null)
            return bad!;
        if (RequestBody.HoldsNull(request.Platforms, request.Architectures, request.Report) is { } holed)
            return holed;
        var account = AccessGate.VisitorOf(http).Account!;
        var (keyed, wrong) = SubmitApi.WithKey(http, request.Id);
        if (wrong is not null)
            return wrong;
        request = request with { Id = keyed };
        if (
            request.Id is not null
            && await SubmitApi.FindAsync(farm, request.Id, account, http.RequestAborted) is { } before
        )
            return before;
        (var placed, problem) = await resubmissions.PlaceAsync(account, detail.Job, request, http.RequestAborted);
        return placed is null ? problem! : Answer(http, placed);
    }

    private static IResult Answer(HttpContext http, SubmissionAnswer placed)
    {
        if (placed.Job is not { } job)
            return placed.IdInUse ? Answers.Conflict(placed.Trouble[0]) : SubmitApi.Invalid(placed.Trouble);
        http.Response.Headers.Location = $"/api/v1/jobs/{job.Id}";
        return TypedResults.Json(
            SubmittedJson.Of(job, placed.Warnings),
            ApiJson.Default.SubmittedJson,
            statusCode: StatusCodes.Status201Created
        );
    }
}
