using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Bench.Rows;

/// <summary>How soon the first instruction runs in a root, of layers that are there.</summary>
internal sealed class RootReady()
    : Row(
        "root-ready",
        "from nothing to the first instruction in a root, warm, against the same mounts and namespaces from a shell",
        new Bar.Ratio(3)
    )
{
    // The same for both: a program of the root that prints the time.
    internal static readonly string[] FirstInstruction = ["date", "+first instruction %s%N"];

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var farm = await place.DebianAsync();
        var layers = farm.LayersOf(await farm.BuildAsync(await Archive.SourceAsync(place), "plain"));
        return await Paired.MeasureAsync(
            place.Pairs(21),
            "ms",
            () => OursAsync($"{place.Scratch}/root", layers),
            () => ShellRoot.FirstInstructionAsync($"{place.Scratch}/shell-root", layers, FirstInstruction),
            warmUps: 3
        );
    }

    internal static async Task<double> OursAsync(string top, IReadOnlyList<string> layers)
    {
        var limits = new BuildLimits();
        var started = TimeProvider.System.GetUtcNow();
        await using var root = await RootSession.OpenAsync(new(top, layers, limits.Root));
        var output = new CapturedOutput();
        var step = new Step(FirstInstruction) { Limits = ["--core=0", $"--nproc={limits.Processes}"] };
        await root.RunAsync(step, output, null, CancellationToken.None);
        return (RootFarm.FirstInstruction(output.Text) - started).TotalMilliseconds;
    }
}
