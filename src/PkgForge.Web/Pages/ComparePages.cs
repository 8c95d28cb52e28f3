using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Attempts;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>What was in the root of an attempt, and what is different from the last success: pages of their own, because they may be long.</summary>
internal sealed class ComparePages(ServedFarm farm, AttemptChanges changes)
{
    private const string Address = "/jobs/{job}/{platform}/{attempt:int:min(1)}";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet($"{Address}/changes", (RequestDelegate)ShowChangesAsync).For(Rule.Look);
        routes.MapGet($"{Address}/root", (RequestDelegate)ShowRootAsync).For(Rule.Look);
        routes
            .MapGet(
                $"{Address}/record",
                (RequestDelegate)(async http => await PageAnswers.SendAsync(http, await RecordAsync(http, farm)))
            )
            .For(Rule.Look);
    }

    /// <summary>Answers with the record of an attempt, as a file.</summary>
    public static async Task<IResult> RecordAsync(HttpContext http, ServedFarm farm)
    {
        var (found, problem) = await Addressed.AttemptAsync(http, farm.Registry);
        return found is null
            ? problem!
            : ResultFiles.Find(
                http,
                found,
                Path.Combine(ResultFiles.DirectoryOf(farm, found).Path, RecordFile.Name),
                ResultFiles.Text
            );
    }

    /// <summary>Compares the attempt that an address names with the last success; or the answer that there is none, or that it goes on.</summary>
    public static async Task<(Registry.Views.ChangesJson? Changes, IResult? Problem)> ChangesAsync(
        HttpContext http,
        ServedFarm farm,
        AttemptChanges changes
    )
    {
        var (found, problem) = await Addressed.AttemptAsync(http, farm.Registry);
        if (found is null)
            return (null, problem);
        if (found.Attempt.Outcome == AttemptOutcome.Running)
            return (
                null,
                Answers.NotFound($"attempt {found.Attempt.Number} goes on: it can be compared when it has ended")
            );
        return (
            await changes.FindAsync(
                found.Detail.Job,
                found.Task.Platform,
                found.Attempt,
                withLogs: true,
                http.RequestAborted
            ),
            null
        );
    }

    private async Task ShowChangesAsync(HttpContext http)
    {
        var (compared, problem) = await ChangesAsync(http, farm, changes);
        if (compared is null)
            await PageAnswers.SendAsync(http, problem!);
        else
            await PageAnswers.WriteAsync(
                http,
                ChangesPage.Create(new(new(http, $"Changes of {compared.Job} on {compared.Platform}"), compared))
            );
    }

    private async Task ShowRootAsync(HttpContext http)
    {
        var (found, problem) = await Addressed.AttemptAsync(http, farm.Registry);
        if (found is null)
        {
            await PageAnswers.SendAsync(http, problem!);
            return;
        }
        var root = changes.RootOf(
            ResultFiles.DirectoryOf(farm, found).Path,
            http.Request.Query["source"].ToString() is { Length: > 0 } source ? source : null
        );
        await PageAnswers.WriteAsync(
            http,
            RootPage.Create(
                new(
                    new(http, $"Root of {found.Detail.Job.Id} on {found.Task.Platform}"),
                    $"/jobs/{found.Detail.Job.Id}/{found.Task.Platform}/{found.Attempt.Number}",
                    $"{found.Task.Platform}, attempt {found.Attempt.Number}",
                    root?.Build.Source,
                    [.. root?.Record.Builds.Select(build => build.Source) ?? []],
                    root?.Build.Layers ?? [],
                    root?.Packages ?? []
                )
            )
        );
    }
}
