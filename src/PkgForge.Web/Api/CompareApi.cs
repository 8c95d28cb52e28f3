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
        routes.MapApi("GET", $"{Attempt}/changes", Rule.Look, AttemptOperations.Changes, ChangesAsync);
        routes.MapApi(
            "GET",
            $"{Attempt}/record",
            Rule.Look,
            AttemptOperations.Record,
            http => ComparePages.RecordAsync(http, farm)
        );
    }

    private async Task<IResult> ChangesAsync(HttpContext http)
    {
        var (compared, problem) = await ComparePages.ChangesAsync(http, farm, changes);
        return compared is null ? problem! : Answers.Json(compared, ApiJson.Default.ChangesJson);
    }
}
