using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>The whole life of a root of ours, against no more than the unpacking of one of sbuild's.</summary>
internal sealed class RootSbuild()
    : Row(
        "root-sbuild",
        "a root made, one command in it, and the root gone again, warm, against the unpacking of sbuild's root into memory",
        new Bar.Ratio(0.02)
    )
{
    public override async Task<Figures> MeasureAsync(Place place)
    {
        var farm = await place.DebianAsync();
        var sbuild = await PlainSbuild.OpenAsync(place);
        var layers = farm.LayersOf(await farm.BuildAsync(await Archive.SourceAsync(place), "plain"));
        return await Paired.MeasureAsync(
            place.Pairs(7),
            "ms",
            () => RootCycle.OursAsync($"{place.Scratch}/root", layers),
            sbuild.UnpackingAsync
        );
    }
}
