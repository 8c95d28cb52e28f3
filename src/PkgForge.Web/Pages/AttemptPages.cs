using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Attempts;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Pages;

/// <summary>Attempts: the page, its log and its files.</summary>
internal sealed class AttemptPages(ServedFarm farm, LogIndexes indexes, AttemptChanges changes, LogEvents live)
{
    private const string Address = "/jobs/{job}/{platform}/{attempt:int:min(1)}";

    private static readonly string[] Kinds = ["products", "logs"];

    /// <summary>So many logs are searched at a time: a search reads all of one, and there are others who want the machine.</summary>
    private static readonly SemaphoreSlim Searches = new(2);

    public void Map(IEndpointRouteBuilder routes)
    {
        Get(routes, "", ShowAsync);
        Get(routes, "/live", live.SendAsync);
        Get(
            routes,
            "/log",
            (http, found) => Send(http, LogDownload.Of(http, ResultFiles.DirectoryOf(farm, found).Log, found))
        );
        foreach (var kind in Kinds)
            Get(routes, $"/{kind}/{{name}}", (http, found) => Send(http, ResultFiles.Named(http, farm, found, kind)));
    }

    private void Get(IEndpointRouteBuilder routes, string path, Func<HttpContext, AddressedAttempt, Task> answer) =>
        routes
            .MapGet(
                Address + path,
                (RequestDelegate)(
                    async http =>
                    {
                        var (found, problem) = await Addressed.AttemptAsync(http, farm.Registry);
                        await (found is null ? Send(http, problem!) : answer(http, found));
                    }
                )
            )
            .For(Rule.Look);

    private static Task Send(HttpContext http, IResult answer) => PageAnswers.SendAsync(http, answer);

    private async Task ShowAsync(HttpContext http, AddressedAttempt found)
    {
        // A form cannot ask for a part of a page by its name; it is led there.
        if (LogQuery.Number(http, "goto") is { } line)
        {
            await new SeeOther($"{http.Request.Path}?line={line}#L{line}").ExecuteAsync(http);
            return;
        }
        var (job, attempt) = (found.Detail.Job, found.Attempt);
        var runs = attempt.Outcome == AttemptOutcome.Running;
        var log = await ReadLogAsync(http, found, runs);
        var view = new AttemptView(
            new(http, $"{job.Id} on {found.Task.Platform}", runs ? EventRoutes.Of(job.Id) : null),
            job,
            found.Task,
            attempt,
            log,
            await FilesAsync(http, found)
        )
        {
            MayChange = AccessGate.VisitorOf(http).MayChange(job),
            Changes = runs
                ? null
                : await changes.FindAsync(job, found.Task.Platform, attempt, withLogs: false, http.RequestAborted),
        };
        await PageAnswers.WriteAsync(http, AttemptPage.Create(view));
    }

    private async Task<LogView?> ReadLogAsync(HttpContext http, AddressedAttempt found, bool runs)
    {
        var (index, query) = (indexes.Of(ResultFiles.DirectoryOf(farm, found).Log), LogQuery.Of(http));
        if (query.Search is null)
            return LogViews.Read(index, query, found.Attempt.Place?.Line, runs, http.RequestAborted);
        await Searches.WaitAsync(http.RequestAborted);
        try
        {
            return LogViews.Read(index, query, found.Attempt.Place?.Line, runs, http.RequestAborted);
        }
        finally
        {
            Searches.Release();
        }
    }

    private async Task<IReadOnlyList<ResultFile>> FilesAsync(HttpContext http, AddressedAttempt found)
    {
        var products = await farm.Registry.ListProductsAsync(
            found.Detail.Job.Id,
            found.Task.Platform,
            http.RequestAborted
        );
        // The registry knows the products of a task that succeeded, by its last attempt.
        var known =
            found.Attempt == found.Task.Attempts[^1]
                ? products.ToDictionary(product => product.FileName, product => product.Sha256, StringComparer.Ordinal)
                : [];
        var path = ResultFiles.DirectoryOf(farm, found).Path;
        return
        [
            .. from kind in Kinds
            from file in ResultFiles.In(Path.Combine(path, kind))
            select new ResultFile(
                $"{http.Request.Path}/{kind}/{Uri.EscapeDataString(file.Name)}",
                file.Name,
                file.Length,
                kind == "products" ? known.GetValueOrDefault(file.Name) : null
            ),
        ];
    }
}
