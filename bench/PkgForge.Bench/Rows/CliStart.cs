using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>How long a command takes that does nothing.</summary>
internal sealed class CliStart()
    : Row("cli-start", "`pkgforge --version` against `git --version`, wall time of the process", new Bar.Ratio(8))
{
    public override Task<Figures> MeasureAsync(Place place) =>
        Paired.MeasureAsync(
            place.Pairs(51),
            "ms",
            () => Task.FromResult(Child.Milliseconds(Place.Executable, "--version")),
            () => Task.FromResult(Child.Milliseconds("git", "--version")),
            warmUps: 3
        );
}
