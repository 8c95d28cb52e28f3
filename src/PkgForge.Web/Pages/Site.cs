using Microsoft.AspNetCore.Routing;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Pages;

/// <summary>The pages for people.</summary>
internal sealed class Site(ServedFarm farm, AccessGate gate, CancellationToken stopping) : IDisposable
{
    private readonly LogIndexes indexes = new();
    private readonly LogWatch watch = new();

    public void Map(IEndpointRouteBuilder routes)
    {
        AssetFiles.Map(routes);
        new FarmPages(farm).Map(routes);
        new JobPages(farm).Map(routes);
        new AttemptPages(farm, indexes).Map(routes, new LiveLogs(farm, indexes, watch, stopping));
        new EventRoutes(farm, watch, stopping).Map(routes);
        new LoginPages(farm, gate).Map(routes);
        new AdminPages(farm).Map(routes);
    }

    public void Dispose() => watch.Dispose();
}
