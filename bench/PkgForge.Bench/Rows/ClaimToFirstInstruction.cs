using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>
/// The whole way of the real farm, from the claim (the registry's time) to the build's first instruction. The package
/// <c>bench-clock</c>, a build dependency, puts a <c>dpkg-source</c> before the real one that prints the time.
/// </summary>
internal sealed class ClaimToFirstInstruction()
    : Row(
        "claim-to-first-instruction",
        "from a task's claim to its build's first instruction, warm, against the same mounts and namespaces from a shell",
        new Bar.Ratio(3)
    )
{
    public override async Task<Figures> MeasureAsync(Place place)
    {
        var farm = await place.DebianAsync();
        await Place.ScriptAsync("inputs/make-clock", $"{place.Kept}/clock");
        await farm.BuildAsync($"{place.Kept}/clock/bench-clock_1.0.dsc", "clock");
        var source = $"{place.Kept}/clock/first-instruction_1.0.dsc";
        var layers = farm.LayersOf(await BuildAsync(farm, source));
        return await Paired.MeasureAsync(
            place.Pairs(9),
            "ms",
            () => OursAsync(farm, source),
            () => ShellRoot.FirstInstructionAsync($"{place.Scratch}/shell-root", layers, ["dpkg-source", "--version"])
        );
    }

    private static async Task<double> OursAsync(RootFarm farm, string source)
    {
        var build = await BuildAsync(farm, source);
        return (RootFarm.FirstInstruction(build.Log) - build.Claimed).TotalMilliseconds;
    }

    // Not published: the bucket that the build uses stays as it is, and the dependency layer warm.
    private static Task<FarmBuild> BuildAsync(RootFarm farm, string source) =>
        farm.BuildAsync(source, "clock", "--scratch");
}
