using System.Diagnostics;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>What the farm adds to a build: everything from the start of a builder to a published package.</summary>
internal sealed class HelloOverhead()
    : Row(
        "hello-overhead",
        "one-shot `buildd` of an accepted hello, from its start to its end, against bare dpkg-source and dpkg-buildpackage in the same root",
        new Bar.Ratio(1.1)
    )
{
    private readonly List<double> around = [];

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var farm = await place.DebianAsync();
        var source = await Archive.SourceAsync(place);
        var layers = farm.LayersOf(await farm.BuildAsync(source, "plain"));
        var figures = await Paired.MeasureAsync(
            place.Pairs(3),
            "s",
            () => OursAsync(farm, source),
            () => BareBuild.DebianAsync($"{place.Scratch}/root", layers, source),
            warmUps: 0
        );
        return figures with { Note = $"submit and incoming before it: {Paired.Median(around):0.00} s" };
    }

    private async Task<double> OursAsync(RootFarm farm, string source)
    {
        var started = Stopwatch.GetTimestamp();
        var id = await farm.SubmitAsync(source, "plain");
        around.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        started = Stopwatch.GetTimestamp();
        await farm.BuildAsync();
        var time = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await farm.ResultAsync(id);
        return time;
    }
}
