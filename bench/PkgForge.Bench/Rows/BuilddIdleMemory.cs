using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>What a builder that waits for work has in memory.</summary>
/// <param name="engine">The registry's: <c>sqlite</c> or <c>postgres</c>.</param>
internal sealed class BuilddIdleMemory(string engine)
    : Row(
        $"buildd-idle-rss-{engine}",
        $"memory of `buildd` after 5 s without work, on {engine}",
        new Bar.Most(60, "MB")
    )
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var directory = $"{place.Scratch}/{Name}";
        var farm = new ScratchFarm(directory, $"{directory}/work");
        if (engine == "sqlite")
            return await MeasureAsync(place, farm, farm.Sqlite);
        await using var server = await IdleFarm.StartServerAsync();
        return await MeasureAsync(place, farm, IdleFarm.Registry(server, "bench"));
    }

    private static async Task<Figures> MeasureAsync(Place place, ScratchFarm farm, string registry)
    {
        await IdleFarm.InitialiseAsync(farm, registry, builders: 1);
        var samples = new List<double>();
        while (samples.Count < place.Pairs(3))
        {
            await using var buildd = await farm.StartAsync("farm", "buildd", "--name", "b1");
            await Task.Delay(Idle);
            samples.Add(Memory.Resident(buildd.Id));
        }
        return new(Paired.Median(samples), "MB", samples.Count) { Note = $"at most {samples.Max():0.0} MB" };
    }
}
