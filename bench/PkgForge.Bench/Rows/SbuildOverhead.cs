using System.Diagnostics;
using System.Globalization;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>
/// What the farm adds to a build, against what sbuild adds to the same. That does not hang on how long the build takes: with one of half a minute the differences of two builds would be larger
/// than what is measured.
/// </summary>
internal sealed class SbuildOverhead()
    : Row(
        "sbuild-overhead",
        "one-shot `buildd` of an accepted source that is built in a moment, less the bare build, against sbuild of it, less the bare build",
        new Bar.Ratio(0.05)
    )
{
    public override async Task<Figures> MeasureAsync(Place place)
    {
        var farm = await place.DebianAsync();
        var sbuild = await PlainSbuild.OpenAsync(place);
        var source = await MadeSource.OfAMomentAsync(place);
        var layers = farm.LayersOf(await farm.BuildAsync(source, "plain"));
        var bare = new List<double>();
        var figures = await Paired.MeasureAsync(
            place.Pairs(7),
            "s",
            async () =>
            {
                bare.Add(await BareBuild.DebianAsync($"{place.Scratch}/root", layers, source));
                return await OursAsync(farm, source) - bare[^1];
            },
            async () => await sbuild.SecondsAsync(source) - bare[^1]
        );
        // Both are differences of times: where others use the machine they are the others'.
        if (figures.Peer <= 0)
            throw new CannotMeasureException("sbuild took less time than the bare build: the machine is not quiet");
        return figures with
        {
            Note = string.Create(CultureInfo.InvariantCulture, $"the bare build: {Paired.Median(bare):0.0} s"),
        };
    }

    private static async Task<double> OursAsync(RootFarm farm, string source)
    {
        var id = await farm.SubmitAsync(source, "plain");
        var started = Stopwatch.GetTimestamp();
        await farm.BuildAsync();
        var time = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await farm.ResultAsync(id);
        return time;
    }
}
