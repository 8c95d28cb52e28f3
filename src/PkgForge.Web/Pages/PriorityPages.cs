using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>The form by which a job gets another priority.</summary>
internal sealed class PriorityPages(ServedFarm farm, JobPriority priorities)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/jobs/{job}/priority", (RequestDelegate)SetAsync).For(Rule.Change);

    private async Task SetAsync(HttpContext http)
    {
        var (detail, problem) = await Addressed.JobAsync(http, farm.Registry);
        if (detail is not null)
            (_, problem) = await priorities.SetAsync(http, detail.Job, await WordAsync(http));
        await PageAnswers.SendAsync(http, problem ?? new SeeOther($"/jobs/{detail!.Job.Id}"));
    }

    private static async Task<string> WordAsync(HttpContext http) =>
        http.Request.HasFormContentType && RequestBody.Bound(http, RequestBody.MostOfWords) is null
            ? (await http.Request.ReadFormAsync(http.RequestAborted))["priority"].ToString()
            : "";
}
