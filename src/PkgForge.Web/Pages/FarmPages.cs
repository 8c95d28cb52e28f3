using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;

namespace PkgForge.Web.Pages;

/// <summary>The farm at a glance: <c>/</c>, <c>/builders</c>, <c>/platforms</c>.</summary>
internal sealed class FarmPages(ServedFarm farm)
{
    private const int MostWaiting = 10;
    private const int MostLast = 15;

    private static readonly JobState[] Ended =
    [
        JobState.Successful,
        JobState.Failed,
        JobState.PartiallyFailed,
        JobState.Cancelled,
        JobState.Invalid,
    ];

    private readonly FarmPulse pulse = new(farm.Registry, farm.Time);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (RequestDelegate)FarmAsync).For(Rule.Look);
        routes.MapGet("/builders", (RequestDelegate)BuildersAsync).For(Rule.Look);
        routes.MapGet("/platforms", (RequestDelegate)PlatformsAsync).For(Rule.Look);
    }

    private async Task FarmAsync(HttpContext http)
    {
        var cancel = http.RequestAborted;
        var builders = await farm.Registry.ListBuildersAsync(cancel);
        var waiting = await JobLines.ReadAsync(
            farm.Registry,
            new(State: JobState.Registered, Limit: MostWaiting + 1),
            cancel
        );
        var view = new FarmView(
            new(http, "Farm", EventRoutes.All),
            farm.Time.GetUtcNow(),
            [.. builders.Where(builder => builder.Current is not null)],
            [.. waiting.Take(MostWaiting)],
            waiting.Count > MostWaiting,
            await LastAsync(cancel),
            new(builders, farm.Time.GetUtcNow()),
            await pulse.TakeAsync(cancel)
        );
        await PageAnswers.WriteAsync(http, FarmPage.Create(view));
    }

    /// <summary>The newest of each kind: a farm that builds thousands shows its last failures all the same.</summary>
    private async Task<IReadOnlyList<JobLine>> LastAsync(CancellationToken cancel)
    {
        var jobs = new List<JobSummary>();
        foreach (var state in Ended)
            jobs.AddRange(await farm.Registry.ListJobsAsync(new(State: state, Limit: MostLast), cancel));
        return
        [
            .. jobs.OrderByDescending(job => job.Ended ?? job.Registered)
                .Take(MostLast)
                .Select(job => new JobLine(job, "")),
        ];
    }

    private async Task BuildersAsync(HttpContext http)
    {
        var builders = await farm.Registry.ListBuildersAsync(http.RequestAborted);
        var frame = new PageFrame(http, "Builders", EventRoutes.All);
        var list = new BuilderList(builders, farm.Time.GetUtcNow()) { Form = frame.IsAdmin ? frame.FormToken : null };
        var view = new BuildersView(frame, list, Notice.Read(http));
        await PageAnswers.WriteAsync(http, BuildersPage.Create(view));
    }

    private async Task PlatformsAsync(HttpContext http)
    {
        var builders = await farm.Registry.ListBuildersAsync(http.RequestAborted);
        var platforms = (await farm.Registry.ListPlatformsAsync(http.RequestAborted))
            .Select(platform => (platform, builders.Count(b => b.Running && b.Platform == platform.Key)))
            .ToList();
        await PageAnswers.WriteAsync(http, PlatformsPage.Create(new(new(http, "Platforms"), platforms)));
    }
}
