using System.Diagnostics;
using System.Text.RegularExpressions;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>What build dependencies cost, against apt-get alone. Ours is what a one-shot <c>buildd</c> takes longer than one that has its layer.</summary>
/// <param name="name">Of the row.</param>
/// <param name="what">What is measured.</param>
/// <param name="bar">What it must reach.</param>
internal abstract partial class DependencyLayer(string name, string what, Bar bar) : Row(name, what, bar)
{
    public override async Task<Figures> MeasureAsync(Place place)
    {
        var farm = await place.DebianAsync();
        var source = await MadeSource.WithFiftyAsync(place, "needs-fifty");
        var first = await farm.BuildAsync(source, "plain");
        var figures = await Paired.MeasureAsync(
            place.Pairs(5),
            "s",
            () => OursAsync(place, farm, source),
            () => BareInstall.RunAsync($"{place.Scratch}/bare", farm.ListsAndBaseOf(first), source),
            warmUps: 0
        );
        return figures with { Note = Note(first) };
    }

    /// <summary>Seconds that the dependencies of a task take.</summary>
    protected abstract Task<double> OursAsync(Place place, RootFarm farm, string source);

    /// <summary>Seconds that one-shot <c>buildd</c> takes for a source.</summary>
    protected static async Task<(double Seconds, FarmBuild Build)> TimeAsync(RootFarm farm, string source)
    {
        var id = await farm.SubmitAsync(source, "plain");
        var started = Stopwatch.GetTimestamp();
        await farm.BuildAsync();
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, await farm.ResultAsync(id));
    }

    private static string Note(FarmBuild build) =>
        NewlyInstalled().Match(build.Log) is { Success: true } match ? $"{match.Groups["count"].Value} packages" : "";

    [GeneratedRegex("(?<count>[0-9]+) newly installed")]
    private static partial Regex NewlyInstalled();
}

/// <summary>A layer that is not there.</summary>
internal sealed class ColdDependencies()
    : DependencyLayer(
        "deps-cold",
        "a cold dependency layer of some fifty packages, against apt-get update and build-dep in a root on the same disk",
        new Bar.Ratio(1.1)
    )
{
    protected override async Task<double> OursAsync(Place place, RootFarm farm, string source)
    {
        var (warm, _) = await TimeAsync(farm, source);
        await farm.ForgetDependenciesAsync();
        return (await TimeAsync(farm, source)).Seconds - warm;
    }
}

/// <summary>A layer that is not there, where another one has all of it but a package.</summary>
internal sealed class PartlyColdDependencies()
    : DependencyLayer(
        "deps-part",
        "a cold dependency layer where another one has all but one of its packages, against the same apt-get",
        new Bar.Ratio(0.5)
    )
{
    protected override async Task<double> OursAsync(Place place, RootFarm farm, string source)
    {
        var more = await MadeSource.WithOneMoreAsync(place);
        var (warm, _) = await TimeAsync(farm, more);
        await farm.ForgetDependenciesAsync();
        await TimeAsync(farm, source);
        return (await TimeAsync(farm, more)).Seconds - warm;
    }
}

/// <summary>A layer that an earlier task has made, of another source that says the same about its dependencies: apt need not be asked again.</summary>
internal sealed class WarmDependencies()
    : DependencyLayer(
        "deps-second",
        "the second task with such a set, of another source that asks for the same, over a task that needs nothing, against the same apt-get",
        new Bar.Ratio(0.02)
    )
{
    protected override async Task<double> OursAsync(Place place, RootFarm farm, string source)
    {
        var nothing = await MadeSource.WithNothingAsync(place);
        var other = await MadeSource.WithFiftyAsync(place, "needs-fifty-too");
        await farm.ForgetDependenciesAsync();
        await TimeAsync(farm, source);
        await TimeAsync(farm, nothing);
        // One comes out before the other by chance: no time is less than none.
        return Math.Max(0, (await TimeAsync(farm, other)).Seconds - (await TimeAsync(farm, nothing)).Seconds);
    }
}
