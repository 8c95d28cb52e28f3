using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>
/// How fast builders get their tasks. Both sides claim and end in turn on 8 connections to the same database, and only the claim is timed:
/// claims per second are the builders divided by the mean time of a claim.
/// </summary>
internal sealed class Claims()
    : Row(
        "claims",
        "claims of 8 builders on 4 platforms, 10 submitters, 10,000 tasks ready, 1,000,000 finished, against the bare UPDATE ... SKIP LOCKED in pgbench",
        new Bar.Rate(0.9)
    )
{
    private const int Builders = 8;

    // Of 250 tasks in each lane pgbench, which chooses at random, takes 150 or so.
    private const int ClaimsEach = 750;

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var server = await place.RegistryServerAsync();
        await using var database = await server.CopyAsync("claims", finishedTasks: 1_000_000);
        await database.AddReadyAsync(jobs: 2500);
        await using var crew = await Crew.AttachAsync(database, Builders, Ending.Bare);
        var figures = await Paired.MeasureAsync(
            place.Pairs(9),
            "/s",
            () => OursAsync(database, crew),
            () => BareAsync(database)
        );
        return figures with
        {
            Note =
                "ours also works out whose turn it is, and asks whether the builder may have a task, whether it has failed or "
                + "refused this one, and what the job is called; it runs in .NET, pgbench in C, both on the server's machine",
        };
    }

    private static async Task<double> OursAsync(RegistryDatabase database, Crew crew)
    {
        await database.ResetReadyAsync();
        var times = await crew.ClaimAsync(Builders * ClaimsEach);
        return Builders / (times.Average() / 1000);
    }

    private static async Task<double> BareAsync(RegistryDatabase database)
    {
        await database.ResetReadyAsync();
        var mean = await Pgbench.MeanAsync(
            database,
            "inputs/bare-claim.sql",
            "UPDATE task SET state = 12",
            (Builders, ClaimsEach)
        );
        return Builders / (mean / 1000);
    }
}
