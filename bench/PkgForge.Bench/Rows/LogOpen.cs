using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Logs;

namespace PkgForge.Bench.Rows;

/// <summary>The page of an attempt with a log of 200 MB, plain or stored, at its end and at a line in its middle, against one with a log of 1 MB.</summary>
internal sealed class LogOpen()
    : Row(
        "log-open",
        "opening a log of 200 MB, plain and stored, at its end and at a line, against a log of 1 MB: the worst of them",
        new Bar.Ratio(1.5)
    )
{
    private const string Line = "gcc -O2 -g -Wall -Wextra -c source-file.c -o source-file.o && echo well";
    private const int LinesOfLarge = 200_000_000 / 72;
    private const int LinesOfSmall = 1_000_000 / 72;

    public override async Task<Figures> MeasureAsync(Place place)
    {
        await using var site = await SiteFarm.StartAsync(place, Name);
        await site.ForgeAsync("platform", "add", "dummy", "all", "--format", "dummy", "--auto");
        await site.ForgeAsync("builder", "add", "b1", "dummy", "all");
        var all = new List<(string What, Figures Figures)>();
        foreach (var form in new[] { "plain", "stored" })
        {
            await MakeAsync(site, $"large-{form}", LinesOfLarge);
            await MakeAsync(site, $"small-{form}", LinesOfSmall);
            all.Add(($"end, {form}", await MeasureAsync(place, site, form, "", "")));
            var (large, small) = ($"?line={LinesOfLarge / 2}", $"?line={LinesOfSmall / 2}");
            all.Add(($"middle, {form}", await MeasureAsync(place, site, form, large, small)));
        }
        var each = all.Select(one => $"{one.What} {one.Figures.Ours:0.0}/{one.Figures.Peer:0.0} ms");
        return all.MaxBy(one => one.Figures.Ratio).Figures with
        {
            Note = $"{string.Join(", ", each)}; the first look at a plain log reads it once, and is not counted",
        };
    }

    private static Task<Figures> MeasureAsync(Place place, SiteFarm site, string form, string large, string small) =>
        Paired.MeasureAsync(
            place.Pairs(15),
            "ms",
            async () => Paired.Median(await site.GetAsync($"/jobs/large-{form}/dummy-all/1{large}", 5)),
            async () => Paired.Median(await site.GetAsync($"/jobs/small-{form}/dummy-all/1{small}", 5)),
            warmUps: 2
        );

    /// <summary>A job that is done, whose log is then made longer.</summary>
    private static async Task MakeAsync(SiteFarm site, string id, int lines)
    {
        var script = $"{site.Directory}/{id}.dummy";
        await File.WriteAllTextAsync(script, $"name {id} 1.0\nprint begun\n");
        await site.ForgeAsync("submit", "-B", "main", "--id", id, script);
        await site.ForgeAsync("incoming");
        await site.ForgeAsync("buildd", "--name", "b1");
        var path = $"{site.Directory}/spool/results/{id}/dummy-all/1/log";
        await using (var log = new StreamWriter(path, append: true))
        {
            for (var i = 0; i < lines; i++)
                await log.WriteAsync($"{Line}\n");
        }
        if (!id.EndsWith("stored", StringComparison.Ordinal))
            return;
        await LogStoring.StoreAsync(path, CancellationToken.None);
    }
}
