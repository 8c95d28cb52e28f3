using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Web.Access;
using PkgForge.Web.Attempts;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Api;

/// <summary>Records of attempts, and what is different from the last success, over the API.</summary>
internal sealed class CompareApi(ServedFarm farm, AttemptChanges changes)
{
    private const string Attempt = "/jobs/{job}/tasks/{platform}/attempts/{attempt:int:min(1)}";

    public void Map(IEndpointRouteBuilder routes)
    {
        Get(routes, $"{Attempt}/changes", AttemptOperations.Changes, ChangesAsync);
        Get(routes, $"{Attempt}/record", AttemptOperations.Record, http => ComparePages.RecordAsync(http, farm));
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

    private async Task<IResult> ChangesAsync(HttpContext http)
    {
        var (compared, problem) = await ComparePages.ChangesAsync(http, farm, changes);
        return compared is null ? problem! : Answers.Json(compared, ApiJson.Default.ChangesJson);
    }
}
