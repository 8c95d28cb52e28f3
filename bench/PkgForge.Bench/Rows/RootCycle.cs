using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>What a root costs from before it is there until after it has gone, of layers that are there.</summary>
internal sealed class RootCycle()
    : Row(
        "root-cycle",
        "a root made, one command in it, and the root gone again, warm, against the same mounts and namespaces from a shell",
        new Bar.Ratio(1.5)
    )
{
    public override async Task<Figures> MeasureAsync(Place place)
    {
        var farm = await place.DebianAsync();
        var layers = farm.LayersOf(await farm.BuildAsync(await Archive.SourceAsync(place), "plain"));
        return await Paired.MeasureAsync(
            place.Pairs(21),
            "ms",
            () => OursAsync($"{place.Scratch}/root", layers),
            () => ShellRoot.WholeAsync($"{place.Scratch}/shell-root", layers, RootReady.FirstInstruction),
            warmUps: 3
        );
    }

    internal static async Task<double> OursAsync(string top, IReadOnlyList<string> layers)
    {
        var started = TimeProvider.System.GetTimestamp();
        await RootReady.OursAsync(top, layers);
        return TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
    }
}
