using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>
/// How fast builders get their tasks. Both sides claim and end in turn on 8 connections to the same database, and only the claim is timed:
/// claims per second are the builders divided by the mean time of a claim.
/// </summary>
internal abstract class Claims(string name, string how, string peer, double atLeast)
    : Row(
        name,
        $"claims of 8 builders{how} on 4 platforms, 10 submitters, 10,000 tasks ready, 1,000,000 finished, against the bare UPDATE ... SKIP LOCKED {peer}",
        new Bar.Rate(atLeast)
    )
{
    protected const string InPgbench = "in pgbench";

    protected const int Builders = 8;

    // Of 250 tasks in each lane pgbench, which chooses at random, takes 150 or so.
    private const int ClaimsEach = 750;

    /// <summary>What its figure leaves out.</summary>
    protected abstract string Note { get; }

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var server = await place.RegistryServerAsync();
        await using var database = await server.CopyAsync("claims", finishedTasks: 1_000_000);
        await database.AddReadyAsync(jobs: 2500);
        var figures = await MeasureAsync(
            place,
            database,
            crew =>
                Paired.MeasureAsync(place.Pairs(9), "/s", () => RateAsync(database, crew), () => PeerAsync(database))
        );
        return figures with { Note = Note };
    }

    /// <summary>Makes the crew, has it measured, and lets it go.</summary>
    protected abstract Task<Figures> MeasureAsync(
        Place place,
        RegistryDatabase database,
        Func<Crew, Task<Figures>> measure
    );

    protected static async Task<double> RateAsync(RegistryDatabase database, Crew crew)
    {
        await database.ResetReadyAsync();
        var times = await crew.WorkAsync(Builders * ClaimsEach);
        return Builders / (times.Claims.Average() / 1000);
    }

    /// <summary>Claims per second of the bare statement.</summary>
    protected virtual async Task<double> PeerAsync(RegistryDatabase database)
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

/// <summary>Builders beside the registry.</summary>
internal sealed class ClaimsDirect() : Claims("claims-direct", "", InPgbench, 0.9)
{
    protected override string Note =>
        "ours also works out whose turn it is, and asks whether the builder may have a task, whether it has failed or "
        + "refused this one, and what the job is called; it runs in .NET, pgbench in C, both on the server's two cores: see claims-driver";

    protected override async Task<Figures> MeasureAsync(
        Place place,
        RegistryDatabase database,
        Func<Crew, Task<Figures>> measure
    )
    {
        await using var crew = await Crew.AttachAsync(database, Builders, Ending.Bare);
        return await measure(crew);
    }
}

/// <summary>The same, where both speak to the database by the same driver: what is left is what a claim does more than the bare statement.</summary>
internal sealed class ClaimsDriver() : Claims("claims-driver", "", "by the same driver, Npgsql", 0.9)
{
    private Crew? bare;

    protected override string Note =>
        "ours also works out whose turn it is, and asks whether the builder may have a task, whether it has failed or "
        + "refused this one, and what the job is called";

    protected override async Task<Figures> MeasureAsync(
        Place place,
        RegistryDatabase database,
        Func<Crew, Task<Figures>> measure
    )
    {
        await using var crew = await Crew.AttachAsync(database, Builders, Ending.Bare);
        await using (bare = await Crew.BareAsync(database, Builders))
            return await measure(crew);
    }

    protected override Task<double> PeerAsync(RegistryDatabase database) => RateAsync(database, bare!);
}

/// <summary>Builders of a server, which is a process, as are the database and the builders.</summary>
internal sealed class ClaimsHttp() : Claims("claims-http", " over HTTP", InPgbench, 0.5)
{
    private const string Sections = """
        buckets:
          main:
        platform_recipes:
          p1-any: { format: dummy }
          p2-any: { format: dummy }
          p3-any: { format: dummy }
          p4-any: { format: dummy }
        """;

    protected override string Note =>
        "builders, server, database and pgbench share the machine: what a builder's own machine would do weighs here";

    protected override async Task<Figures> MeasureAsync(
        Place place,
        RegistryDatabase database,
        Func<Crew, Task<Figures>> measure
    )
    {
        var farm = new ScratchFarm($"{place.Scratch}/{Name}", $"{place.Scratch}/{Name}/work");
        await farm.InitialiseAsync($"postgres:{database.ConnectionString}", Sections);
        await using var server = await ForgeServer.StartAsync(farm);
        await using var crew = await Crew.EnrolAsync(database, Builders, server.Address);
        return await measure(crew);
    }
}
