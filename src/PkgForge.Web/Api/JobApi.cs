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
internal sealed class JobApi(ServedFarm farm, JobChanges changes, LogFollower follower, StreamPlaces places)
{
    public const int UsualPage = 50;
    public const int LargestPage = 1000;
    private const string Attempt = "/jobs/{job}/tasks/{platform}/attempts/{attempt:int:min(1)}";

    public void Map(IEndpointRouteBuilder routes)
    {
        Get(routes, "/jobs", JobOperations.List, ListAsync);
        Get(routes, "/jobs/{job}", JobOperations.Show, ShowAsync);
        Get(routes, "/jobs/{job}/tasks/{platform}/products", JobOperations.Products, ProductsAsync);
        Get(routes, $"{Attempt}/log", AttemptOperations.Log, LogAsync);
        Get(routes, $"{Attempt}/products/{{name}}", AttemptOperations.Product, ProductAsync);
        Change(routes, "/jobs/{job}/cancel", JobOperations.Cancel, JobChange.Cancel);
        Change(routes, "/jobs/{job}/retry", JobOperations.Retry, JobChange.Retry);
    }

    private static void Get(
        IEndpointRouteBuilder routes,
        string path,
        ApiOperation about,
        Func<HttpContext, Task<IResult>> answer
    ) =>
        routes
            .MapGet(path, (RequestDelegate)(async http => await (await answer(http)).ExecuteAsync(http)))
            .For(Rule.Look)
            .Described(about);

    private void Change(IEndpointRouteBuilder routes, string path, ApiOperation about, JobChange change) =>
        routes
            .MapPost(path, (RequestDelegate)(async http => await (await ChangeAsync(http, change)).ExecuteAsync(http)))
            .For(Rule.Change)
            .Described(about);

    private async Task<IResult> ListAsync(HttpContext http)
    {
        var limit = UsualPage;
        var asked = http.Request.Query["limit"].ToString();
        if (
            asked.Length > 0
            && !(
                int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out limit)
                && limit is >= 1 and <= LargestPage
            )
        )
            return Answers.BadRequest($"'limit' is a number from 1 to {LargestPage}, not '{asked}'");
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
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is null)
            return problem!;
        var request = new ChangeRequest();
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            var (given, bad) = await RequestBody.ReadAsync(http, RequestJson.Default.ChangeRequest);
            if (given is null)
                return bad!;
            request = given;
        }
        var (tasks, refusal) = await changes.DoAsync(
            AccessGate.VisitorOf(http),
            detail.Job,
            change,
            request,
            http.RequestAborted
        );
        return tasks is null
            ? refusal!
            : Answers.Json(
                new(detail.Job.Id.ToString(), [.. tasks.Select(task => task.ToString())]),
                ApiJson.Default.ChangedJson
            );
    }
}
