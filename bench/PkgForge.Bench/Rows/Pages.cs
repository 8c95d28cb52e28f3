using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>
/// Whether pages and the API grow slower with history: each is asked in turn of a farm with 1,000,000 tasks and of one with 1,000, over HTTP from a process
/// of its own, and the row is the one that fares worst.
/// </summary>
internal sealed class Pages()
    : Row(
        "pages",
        "95th percentile of a page and an answer of the API at 1,000,000 tasks against 1,000: the worst of them",
        new Bar.Ratio(1.5)
    )
{
    private const int AskedAtOnce = 40;
    private const double Percentile = 0.95;

    // Jobs done-1, done-2 ... of ten submitters in turn.
    private static readonly string[] Paths =
    [
        "/",
        "/jobs",
        "/jobs?after=done-51",
        "/jobs?submitter=user3&state=failed",
        "/jobs/done-7",
        "/packages",
        "/packages?q=e10",
        "/packages/source7",
        "/buckets",
        "/statistics",
        "/statistics?window=day",
        "/statistics?window=month",
        "/api/v1/packages?after=source10",
        "/api/v1/packages/source7",
        "/api/v1/jobs",
        "/api/v1/jobs?after=done-51",
        "/api/v1/jobs/done-7",
        "/api/v1/builders",
    ];

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var server = await place.RegistryServerAsync();
        await using var large = await server.OpenAsync("large", finishedTasks: 1_000_000);
        await using var small = await server.OpenAsync("small", finishedTasks: 1_000);
        await using var ofLarge = await SiteFarm.StartAsync(place, "site-large", $"postgres:{large.ConnectionString}");
        await using var ofSmall = await SiteFarm.StartAsync(place, "site-small", $"postgres:{small.ConnectionString}");
        var results = new List<(string Path, Figures Figures)>();
        foreach (var path in Paths)
            results.Add(
                (
                    path,
                    await Paired.MeasureAsync(
                        place.Pairs(9),
                        "ms",
                        () => PercentileAsync(ofLarge, path),
                        () => PercentileAsync(ofSmall, path),
                        warmUps: 3
                    )
                )
            );
        var each = results.Select(r => $"{r.Path} {r.Figures.Ours:0.0}/{r.Figures.Peer:0.0} ms");
        return results.MaxBy(r => r.Figures.Ratio).Figures with { Note = string.Join(", ", each) };
    }

    private static async Task<double> PercentileAsync(SiteFarm site, string path) =>
        Paired.Quantile(await site.GetAsync(path, AskedAtOnce), Percentile);
}
