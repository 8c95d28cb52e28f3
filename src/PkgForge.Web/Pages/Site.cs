using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PkgForge.Web.Api;
using PkgForge.Web.Attempts;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Live;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Pages;

/// <summary>The pages for people, and the API for their scripts.</summary>
internal sealed class Site(ServedFarm farm, int openConnections, CancellationToken stopping) : IAsyncDisposable
{
    private readonly LogIndexes indexes = new();
    private readonly AttemptRecords records = new();
    private readonly LogWatch watch = new();
    private readonly KeptStatistics statistics = new(farm.Registry, farm.Time);

    private readonly StreamPlaces places = new(openConnections);
    private Feeds? feeds;

    public void Map(IEndpointRouteBuilder routes)
    {
        feeds = new(new LiveFarm(farm.Registry, farm.Spool, farm.Time, indexes, watch), JobReader.Address);
        AssetFiles.Map(routes);
        var changes = new JobChanges(farm.Registry);
        var withdrawals = new Withdrawals(farm, changes, stopping);
        var logs = new LiveLogs(farm, indexes, watch, stopping);
        var submissions = new Submissions(farm);
        var buckets = new BucketReader(farm);
        new FarmPages(farm).Map(routes);
        new BucketPages(buckets).Map(routes);
        new PackagePages(farm).Map(routes);
        new StatisticsPages(statistics).Map(routes);
        var manifests = new JobManifests(farm);
        var resubmissions = new Resubmissions(farm, manifests, submissions);
        var promotions = new Promotions(farm);
        new JobPages(farm, changes, withdrawals, new(farm, manifests, new(records, indexes), promotions)).Map(routes);
        new ResubmitPages(farm, manifests, resubmissions).Map(routes);
        var compared = new AttemptChanges(farm.Registry, farm.Spool.Results, records, indexes);
        new ComparePages(farm, compared).Map(routes);
        new AttemptPages(farm, indexes, compared, new(logs, places, stopping)).Map(routes);
        new SubmitPages(farm, submissions).Map(routes);
        new EventRoutes(farm, watch, places, stopping).Map(routes);
        new AdminPages(farm).Map(routes);
        var priorities = new JobPriority(farm);
        new PriorityPages(farm, priorities).Map(routes);
        ApiPages.Map(routes);
        var api = routes.MapGroup("/api/v1");
        new JobApi(farm, changes, withdrawals, new(farm, logs, stopping), places).Map(api);
        new EventApi(feeds, places, stopping).Map(api);
        new FarmApi(farm).Map(api);
        new BucketApi(buckets).Map(api);
        new PackageApi(farm, statistics).Map(api);
        new UploadApi(submissions.Uploads).Map(api);
        new SubmitApi(farm, submissions).Map(api);
        priorities.Map(api);
        new AdminBuilders(farm).Map(api);
        new AdminPlatforms(farm).Map(api);
        new AdminAccounts(farm).Map(api);
        new AdminCaps(farm).Map(api);
        new AuditApi(farm).Map(api);
        new ResubmitApi(farm, manifests, resubmissions).Map(api);
        new CompareApi(farm, compared).Map(api);
        new PromoteApi(farm, promotions).Map(routes, api);
    }

    public async ValueTask DisposeAsync()
    {
        if (feeds is not null)
            await feeds.DisposeAsync();
        watch.Dispose();
        statistics.Dispose();
    }
}
