using System.Globalization;
using Microsoft.AspNetCore.Http;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;

namespace PkgForge.Web.Hosting;

/// <summary>An attempt that an address names.</summary>
internal sealed record AddressedAttempt(JobDetail Detail, BuildTask Task, Attempt Attempt);

/// <summary>Finds what an address names.</summary>
internal static class Addressed
{
    /// <summary>The job of <c>{job}</c>; or the answer that there is none.</summary>
    public static async Task<(JobDetail? Detail, IResult? Problem)> JobAsync(HttpContext http, IRegistry registry)
    {
        var text = Part(http, "job");
        var detail = JobId.TryParse(text, out var id) ? await registry.FindJobAsync(id, http.RequestAborted) : null;
        return detail is null ? (null, NoJob(http)) : (detail, null);
    }

    /// <summary>There is no job <c>{job}</c>.</summary>
    public static IResult NoJob(HttpContext http) =>
        Answers.NotFound(
            $"there is no job '{Part(http, "job")}'; one that was submitted a moment ago may not have been taken yet"
        );

    /// <summary>The attempt of <c>{job}</c>, <c>{platform}</c> and <c>{attempt}</c>; or the answer that there is none.</summary>
    public static async Task<(AddressedAttempt? Found, IResult? Problem)> AttemptAsync(
        HttpContext http,
        IRegistry registry
    )
    {
        var (detail, problem) = await JobAsync(http, registry);
        if (detail is null)
            return (null, problem);
        var (platform, number) = (Part(http, "platform"), Part(http, "attempt"));
        var task = PlatformKey.TryParse(platform, out var key)
            ? detail.Tasks.FirstOrDefault(t => t.Platform == key)
            : null;
        if (task is null)
            return (null, Answers.NotFound($"job {detail.Job.Id} has no task on '{platform}'"));
        var attempt = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted)
            ? task.Attempts.FirstOrDefault(a => a.Number == wanted)
            : null;
        return attempt is null
            ? (null, Answers.NotFound($"job {detail.Job.Id} has no attempt {number} on {task.Platform}"))
            : (new(detail, task, attempt), null);
    }

    /// <summary>A part of the address.</summary>
    public static string Part(HttpContext http, string name) => (string)http.Request.RouteValues[name]!;
}
