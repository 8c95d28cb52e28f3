using System.Text;
using Microsoft.AspNetCore.Http;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Attempts;
using PkgForge.Web.Builders;

namespace PkgForge.Web.Pages;

/// <summary>Gathers what the page of a job shows.</summary>
internal sealed class JobViews(ServedFarm farm, JobManifests manifests, SourceStates states, Promotions promotions)
{
    /// <summary>Of a job of more sources the others are left out of the page: the record of an attempt has all.</summary>
    private const int MostSources = 200;

    /// <summary>Of a longer manifest the rest is left out of the page. 16 KiB.</summary>
    private const int MostManifest = 16 << 10;

    public async Task<JobView> ReadAsync(HttpContext http, JobDetail detail)
    {
        var (id, cancel) = (detail.Job.Id, http.RequestAborted);
        var waiting = (await farm.Registry.ExplainAsync(id, cancel)).ToDictionary(why => why.Platform);
        var products = new Dictionary<PlatformKey, IReadOnlyList<Product>>();
        foreach (var task in detail.Tasks.Where(task => task.State == BuildTaskState.Success))
            products[task.Platform] = await farm.Registry.ListProductsAsync(id, task.Platform, cancel);
        var visitor = AccessGate.VisitorOf(http);
        var now = farm.Time.GetUtcNow();
        return new(
            new(http, id.ToString(), EventRoutes.Of(id)),
            now,
            detail,
            waiting,
            products,
            MatrixOf(detail),
            visitor.MayChange(detail.Job)
        )
        {
            Asked = AskedOf(id, visitor),
            Ends = EndsOf(detail, waiting, now),
            Targets = promotions.BucketsFor(visitor, detail),
            Notice = Notice.Read(http),
        };
    }

    private AskedJob? AskedOf(JobId id, Visitor visitor)
    {
        if (manifests.Find(id) is not { } job)
            return null;
        var known = visitor.Account is not null;
        var text = Encoding.UTF8.GetString(JobManifests.TextOf(job, known));
        return new(
            known ? job : job with { Report = [] },
            text.Length <= MostManifest ? text : text[..(text.LastIndexOf('\n', MostManifest) + 1)],
            text.Length > MostManifest,
            visitor.MayWrite
        );
    }

    private SourceMatrix MatrixOf(JobDetail detail) =>
        new(
            [.. detail.Job.Sources.Take(MostSources)],
            Math.Max(0, detail.Job.Sources.Count - MostSources),
            detail.Tasks.ToDictionary(
                task => task.Platform,
                task => states.Of(task, attempt => farm.Spool.Results.PathOf(detail.Job.Id, task.Platform, attempt))
            )
        );

    /// <summary>When each task that can still end should, by what its sources took before; tasks of which nobody can say it are left out.</summary>
    private static Dictionary<PlatformKey, DateTimeOffset> EndsOf(
        JobDetail detail,
        Dictionary<PlatformKey, Waiting> waiting,
        DateTimeOffset now
    )
    {
        var ends = new Dictionary<PlatformKey, DateTimeOffset>();
        foreach (var task in detail.Tasks)
            if (task is { State: BuildTaskState.Building, Estimate: { } whole, Attempts: [.., var running] })
                ends[task.Platform] = running.Started + whole;
            else if (waiting.GetValueOrDefault(task.Platform) is { Start: { } start, Estimate: { } estimate } why)
                // By the registry's clock; the page's may differ.
                ends[task.Platform] = start + estimate + (now - (why.Now ?? now));
        return ends;
    }
}
