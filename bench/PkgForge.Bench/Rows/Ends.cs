using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>What a task's end costs after many others: builders' turns, which move with ends, are in it.</summary>
internal sealed class Ends()
    : Row(
        "ends",
        "mean time of the end of a task, 8 builders, 1,000,000 finished, against the same with 1,000 finished",
        new Bar.Ratio(1.5)
    )
{
    private const int Builders = 8;

    // So many that each builder's turn moves a few times in each sample.
    private const int EndsEach = 4000;

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var server = await place.RegistryServerAsync();
        var pairs = place.Pairs(7);
        await using var many = await OpenAsync(server, "ends_many", 1_000_000, pairs);
        await using var few = await OpenAsync(server, "ends_few", 1_000, pairs);
        await using var manyCrew = await Crew.AttachAsync(many, Builders, Ending.Registry);
        await using var fewCrew = await Crew.AttachAsync(few, Builders, Ending.Registry);
        return await Paired.MeasureAsync(pairs, "ms", () => MeanAsync(manyCrew), () => MeanAsync(fewCrew));
    }

    private static async Task<RegistryDatabase> OpenAsync(RegistryServer server, string name, int finished, int pairs)
    {
        var database = await server.CopyAsync(name, finished);
        // A fifth more than will be ended: no lane runs empty.
        await database.AddReadyAsync(jobs: (pairs + 1) * EndsEach * 6 / 5 / RegistryServer.Platforms);
        return database;
    }

    private static async Task<double> MeanAsync(Crew crew) => (await crew.WorkAsync(EndsEach)).Ends.Average();
}
