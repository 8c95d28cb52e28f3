using System.Diagnostics;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>What a whole build costs, from its submission until its products are published, against the distribution's own tools in the same root.</summary>
/// <param name="name">Of the row.</param>
/// <param name="what">The source, and what it is held against.</param>
internal abstract class WarmBuild(string name, string what)
    : Row(name, $"`submit`, `incoming` and one-shot `buildd` of {what}", new Bar.Ratio(1.05))
{
    public override async Task<Figures> MeasureAsync(Place place)
    {
        var farm = await FarmAsync(place);
        var source = await SourceAsync(place);
        var layers = farm.LayersOf(await farm.BuildAsync(source, "plain"));
        return await Paired.MeasureAsync(
            place.Pairs(3),
            "s",
            () => OursAsync(farm, source),
            () => BareAsync($"{place.Scratch}/root", layers, source),
            warmUps: 0
        );
    }

    protected abstract Task<RootFarm> FarmAsync(Place place);

    protected abstract Task<string> SourceAsync(Place place);

    protected abstract Task<double> BareAsync(string top, IReadOnlyList<string> layers, string source);

    private static async Task<double> OursAsync(RootFarm farm, string source)
    {
        var started = Stopwatch.GetTimestamp();
        await farm.BuildAsync(source, "plain");
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}

/// <summary>A source package of Debian.</summary>
/// <param name="source">Its name.</param>
internal sealed class WarmDebianBuild(string source)
    : WarmBuild($"warm-{source}", $"Debian's {source}, against bare dpkg-source and dpkg-buildpackage in the same root")
{
    protected override Task<RootFarm> FarmAsync(Place place) => place.DebianAsync();

    protected override Task<string> SourceAsync(Place place) => Archive.SourceAsync(place, source);

    protected override Task<double> BareAsync(string top, IReadOnlyList<string> layers, string source) =>
        BareBuild.DebianAsync(top, layers, source);
}

/// <summary>GNU hello as an SRPM, which is built by its own configure and make.</summary>
internal sealed class WarmRpmBuild()
    : WarmBuild("warm-srpm", "an SRPM of GNU hello (autotools), against bare rpmbuild in the same root")
{
    protected override Task<RootFarm> FarmAsync(Place place) => RootFarm.OpenRpmAsync(place);

    protected override async Task<string> SourceAsync(Place place)
    {
        await Place.ScriptAsync("tests/sources/make", $"{place.Kept}/sources");
        return $"{place.Kept}/sources/rpm/hello-2.10-1.src.rpm";
    }

    protected override Task<double> BareAsync(string top, IReadOnlyList<string> layers, string source) =>
        BareBuild.RpmAsync(top, layers, source);
}
