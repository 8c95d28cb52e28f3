using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>What 1,000 browsers that watch one attempt cost the server.</summary>
internal sealed class WatchersMemory()
    : Row(
        "watchers-memory",
        "memory of `pkgforge serve` with 1,000 watchers of a running attempt's log, and as many of its job, less what it has without: the larger",
        new Bar.Most(60, "MB")
    )
{
    private const int Watchers = 1000;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var samples = new List<(double Log, double Job)>();
        for (var i = 0; i < place.Pairs(3); i++)
            samples.Add(
                (await OneAsync(place, i, "/jobs/long/dummy-all/1/live"), await OneAsync(place, i, "/events?job=long"))
            );
        var (log, job) = (Paired.Median(samples.Select(s => s.Log)), Paired.Median(samples.Select(s => s.Job)));
        return new(Math.Max(log, job), "MB", samples.Count)
        {
            Note = $"of its log {log:0.0} MB, of its job {job:0.0} MB",
        };
    }

    private async Task<double> OneAsync(Place place, int number, string path)
    {
        await using var site = await SiteFarm.StartAsync(place, $"{Name}-{number}-{path.Length}");
        await site.ForgeAsync("platform", "add", "dummy", "all", "--format", "dummy", "--auto");
        await site.ForgeAsync("builder", "add", "b1", "dummy", "all");
        var script = $"{site.Directory}/long.dummy";
        await File.WriteAllTextAsync(script, "name long 1.0\nprint begun\nsleep 3600\n");
        await site.ForgeAsync("submit", "-B", "main", "--id", "long", script);
        await site.ForgeAsync("incoming");
        await using var builder = await site.BuilderAsync("b1");
        await site.GetAsync("/", 20);
        await site.UntilFoundAsync("/jobs/long/dummy-all/1");
        await site.GetAsync("/jobs/long/dummy-all/1", 20);
        await Task.Delay(Settle);
        var idle = Memory.Resident(site.ServerId);
        await using var watchers = await site.WatchAsync(path, Watchers);
        await Task.Delay(Settle);
        return Memory.Resident(site.ServerId) - idle;
    }
}
