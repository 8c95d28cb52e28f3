using System.Diagnostics;
using System.Globalization;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>Ten builders that want one new layer at once, for sources that ask for it in different words: it is to be made by one of them.</summary>
internal sealed class OneLayerForTen()
    : Row(
        "layer-for-ten",
        "how often ten tasks of ten sources that begin at once install the one set that they need; and how long all take beside one",
        new Bar.Most(1, "times")
    )
{
    private const int Tasks = 10;

    // What apt says when it installs, and not when it works out.
    private const string Installing = "Setting up flex";

    public override async Task<Figures> MeasureAsync(Place place)
    {
        string[] builders = [.. Enumerable.Range(1, Tasks - 1).Select(i => $"more{i}")];
        var farm = await RootFarm.OpenAsync(place, "", builders);
        var sources = new List<string>();
        for (var i = 0; i < Tasks; i++)
            sources.Add(await MadeSource.WithFiftyInOrderAsync(place, i));
        builders = [RootFarm.Builder, .. builders];
        var made = new List<double>();
        var (one, ten) = (new List<double>(), new List<double>());
        for (var i = 0; i < place.Pairs(3); i++)
        {
            one.Add((await ForgottenAsync(farm, sources, [RootFarm.Builder])).Seconds);
            var (seconds, times) = await ForgottenAsync(farm, sources, builders);
            ten.Add(seconds);
            made.Add(times);
        }
        return new(made.Max(), "times", made.Count)
        {
            Note = string.Create(
                CultureInfo.InvariantCulture,
                $"ten tasks: {Paired.Median(ten):0.0} s, one task: {Paired.Median(one):0.0} s"
            ),
        };
    }

    /// <summary>Builds by so many builders at once, after the layer was removed; returns the time, and how often it was made.</summary>
    private static async Task<(double Seconds, int Made)> ForgottenAsync(
        RootFarm farm,
        List<string> sources,
        string[] builders
    )
    {
        await farm.BuildAsync(sources[0], "plain");
        await farm.ForgetDependenciesAsync();
        var ids = new List<string>();
        for (var i = 0; i < builders.Length; i++)
            ids.Add(await farm.SubmitAsync(sources[i], "plain", "--scratch"));
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(builders.Select(farm.BuildAsync));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var made = 0;
        foreach (var id in ids)
            made += (await farm.ResultAsync(id)).Log.Contains(Installing, StringComparison.Ordinal) ? 1 : 0;
        return (seconds, made);
    }
}
