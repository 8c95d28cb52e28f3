using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Live;
using PkgForge.Web.Logs;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Api;

/// <summary>Jobs over the API: <c>/api/v1/jobs</c>.</summary>
internal sealed class JobApi(
    ServedFarm farm,
    JobChanges changes,
    Withdrawals withdrawals,
    LogFollower follower,
    StreamPlaces places
)
{
    private const string Attempt = "/jobs/{job}/tasks/{platform}/attempts/{attempt:int:min(1)}";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi("GET", "/jobs", Rule.Look, JobOperations.List, ListAsync);
        routes.MapApi("GET", "/jobs/{job}", Rule.Look, JobOperations.Show, ShowAsync);
        routes.MapApi("GET", "/jobs/{job}/tasks/{platform}/products", Rule.Look, JobOperations.Products, ProductsAsync);
        routes.MapApi("GET", $"{Attempt}/log", Rule.Look, AttemptOperations.Log, LogAsync);
        routes.MapApi("GET", $"{Attempt}/products/{{name}}", Rule.Look, AttemptOperations.Product, ProductAsync);
        routes.MapApi(
            "POST",
            "/jobs/{job}/cancel",
            Rule.Change,
            JobOperations.Cancel,
            http => ChangeAsync(http, JobChange.Cancel)
        );
        routes.MapApi(
            "POST",
            "/jobs/{job}/retry",
            Rule.Change,
            JobOperations.Retry,
            http => ChangeAsync(http, JobChange.Retry)
        );
    }

    private async Task<IResult> ListAsync(HttpContext http)
    {
        var limit = PageSize.Read(http, out var bad);
        if (bad is not null)
            return bad;
        if (JobQueries.Read(http, limit, out var problem) is not { } query)
            return problem!;
        var (jobs, last) = await JobLists.ReadAsync(farm.Registry, query, http.RequestAborted);
        var next = last is { } id ? JobQueries.Next(http, id) : null;
        Answers.NextPage(http, next);
        return Answers.Json(new(jobs, next), ApiJson.Default.JobsAnswer);
    }

    private async Task<IResult> ShowAsync(HttpContext http)
    {
        var jobs = new JobReader(farm.Registry, farm.Spool, JobReader.Address);
        return
            JobId.TryParse(Addressed.Part(http, "job"), out var id)
            && await jobs.FindAsync(id, http.RequestAborted) is { } job
            ? Answers.Json(job, ApiJson.Default.JobJson)
            : Addressed.NoJob(http);
    }

    private async Task<IResult> ProductsAsync(HttpContext http)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is null)
            return problem!;
        var text = Addressed.Part(http, "platform");
        if (!PlatformKey.TryParse(text, out var platform) || detail.Tasks.All(task => task.Platform != platform))
            return Answers.NotFound($"job {detail.Job.Id} has no task on '{text}'");
        var products = await farm.Registry.ListProductsAsync(detail.Job.Id, platform, http.RequestAborted);
        return Answers.Json(
            [.. products.Select(product => new ProductJson(product.FileName, product.Size, product.Sha256))],
            ApiJson.Default.ProductJsonArray
        );
    }

    private async Task<IResult> LogAsync(HttpContext http)
    {
        var (found, problem) = await Addressed.AttemptAsync(http, farm.Registry);
        if (found is null)
            return problem!;
        if (Prefers.Events(http) || http.Request.Query["follow"].ToString() is "1" or "true")
            return places.Bounded(follower.Follow(found));
        return LogDownload.Of(http, ResultFiles.DirectoryOf(farm, found).Log, found);
    }

    private async Task<IResult> ProductAsync(HttpContext http)
    {
        var (found, problem) = await Addressed.AttemptAsync(http, farm.Registry);
        return found is null ? problem! : ResultFiles.Named(http, farm, found, "products");
    }

    private async Task<IResult> ChangeAsync(HttpContext http, JobChange change)
    {
        var (request, bad) = await RequestBody.ReadOrAsync(http, RequestJson.Default.ChangeRequest, new());
        if (request is null)
            return bad!;
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is null)
            return change == JobChange.Cancel && request.Platform is null ? await WithdrawAsync(http) : problem!;
        var (tasks, refusal) = await changes.DoAsync(
            AccessGate.VisitorOf(http),
            detail.Job,
            change,
            request,
            http.RequestAborted
        );
        return tasks is null
            ? refusal!
            : Answers.Json(ChangedJson.Of(detail.Job.Id, tasks), ApiJson.Default.ChangedJson);
    }

    private async Task<IResult> WithdrawAsync(HttpContext http)
    {
        if (!JobId.TryParse(Addressed.Part(http, "job"), out var id))
            return Addressed.NoJob(http);
        var (changed, refusal) = await withdrawals.DoAsync(AccessGate.VisitorOf(http), id, http.RequestAborted);
        return changed is null ? refusal ?? Addressed.NoJob(http) : Answers.Json(changed, ApiJson.Default.ChangedJson);
    }
}
