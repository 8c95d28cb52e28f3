using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Spool;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Pages;

/// <summary>Attempts: the page, its log and its files.</summary>
internal sealed class AttemptPages(ServedFarm farm, LogIndexes indexes)
{
    private const string Address = "/jobs/{job}/{platform}/{attempt:int:min(1)}";

    private static readonly string[] Kinds = ["products", "logs"];

    public void Map(IEndpointRouteBuilder routes, LiveLogs live)
    {
        routes.MapGet(Address, (RequestDelegate)ShowAsync).For(Rule.Look);
        routes.MapGet($"{Address}/log", (RequestDelegate)LogAsync).For(Rule.Look);
        routes.MapGet($"{Address}/live", (RequestDelegate)(http => LiveAsync(http, live))).For(Rule.Look);
        routes
            .MapGet($"{Address}/products/{{name}}", (RequestDelegate)(http => FileAsync(http, "products")))
            .For(Rule.Look);
        routes.MapGet($"{Address}/logs/{{name}}", (RequestDelegate)(http => FileAsync(http, "logs"))).For(Rule.Look);
    }

    private async Task ShowAsync(HttpContext http)
    {
        if (await FindAsync(http) is not var (detail, task, attempt))
            return;
        var directory = DirectoryOf(detail, task, attempt);
        var log = LogViews.Read(
            indexes.Of(directory.Log),
            LogQuery.Of(http),
            attempt.Evidence,
            live: attempt.Outcome == AttemptOutcome.Running
        );
        var view = new AttemptView(
            new(
                http,
                $"{detail.Job.Id} on {task.Platform}",
                attempt.Outcome == AttemptOutcome.Running ? EventRoutes.Of(detail.Job.Id) : null
            ),
            detail.Job,
            task,
            attempt,
            log,
            await FilesAsync(http, detail, task, attempt)
        );
        await PageAnswers.WriteAsync(http, AttemptPage.Create(view));
    }

    private async Task LogAsync(HttpContext http)
    {
        if (await FindAsync(http) is var (detail, task, attempt))
            await ResultFiles.SendAsync(http, DirectoryOf(detail, task, attempt).Log, "text/plain; charset=utf-8");
    }

    private async Task LiveAsync(HttpContext http, LiveLogs live)
    {
        if (await FindAsync(http) is var (detail, task, attempt))
            await live.SendAsync(
                http,
                detail.Job.Id,
                task.Platform,
                attempt.Number,
                DirectoryOf(detail, task, attempt)
            );
    }

    private async Task FileAsync(HttpContext http, string kind)
    {
        if (await FindAsync(http) is not var (detail, task, attempt))
            return;
        var name = (string)http.Request.RouteValues["name"]!;
        if (!ProductName.IsWellFormed(name))
            await PageAnswers.SendAsync(http, Answers.BadRequest($"a file's name is {ProductName.Rule}"));
        else
            await ResultFiles.SendAsync(
                http,
                Path.Combine(DirectoryOf(detail, task, attempt).Path, kind, name),
                kind == "logs" ? "text/plain; charset=utf-8" : "application/octet-stream"
            );
    }

    private async Task<IReadOnlyList<ResultFile>> FilesAsync(
        HttpContext http,
        JobDetail detail,
        BuildTask task,
        Attempt attempt
    )
    {
        var known = (
            await farm.Registry.ListProductsAsync(detail.Job.Id, task.Platform, http.RequestAborted)
        ).ToDictionary(product => product.FileName, StringComparer.Ordinal);
        var path = DirectoryOf(detail, task, attempt).Path;
        return
        [
            .. from kind in Kinds
            from file in ResultFiles.In(Path.Combine(path, kind))
            select new ResultFile(
                $"{http.Request.Path}/{kind}/{Uri.EscapeDataString(file.Name)}",
                file.Name,
                file.Length,
                attempt.Outcome == AttemptOutcome.Success && kind == "products"
                    ? known.GetValueOrDefault(file.Name)?.Sha256
                    : null
            ),
        ];
    }

    private AttemptDirectory DirectoryOf(JobDetail detail, BuildTask task, Attempt attempt) =>
        new(farm.Results.PathOf(detail.Job.Id, task.Platform, attempt.Number));

    /// <summary>The attempt that the address names; null when the answer has been sent that there is none.</summary>
    private async Task<(JobDetail Job, BuildTask Task, Attempt Attempt)?> FindAsync(HttpContext http)
    {
        var values = http.Request.RouteValues;
        var (job, platform) = ((string)values["job"]!, (string)values["platform"]!);
        var number = int.Parse((string)values["attempt"]!, CultureInfo.InvariantCulture);
        var detail = JobId.TryParse(job, out var id) ? await farm.Registry.FindJobAsync(id, http.RequestAborted) : null;
        var task = PlatformKey.TryParse(platform, out var key)
            ? detail?.Tasks.FirstOrDefault(t => t.Platform == key)
            : null;
        var attempt = task?.Attempts.FirstOrDefault(a => a.Number == number);
        if (attempt is not null)
            return (detail!, task!, attempt);
        await PageAnswers.SendAsync(
            http,
            Answers.NotFound(
                detail is null ? $"there is no job '{job}'"
                : task is null ? $"job {job} has no task on '{platform}'"
                : $"job {job} has no attempt {number} on {platform}"
            )
        );
        return null;
    }
}
