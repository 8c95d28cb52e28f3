using Npgsql;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>
/// What becomes of claims when nothing can be vacuumed. In one database a snapshot is taken and held to the end, and 100,000 tasks are claimed and
/// ended, as a farm ends them; then claims are timed there and in a database without that past, in turn. Snapshots of one
/// database hold nothing up in another.
/// </summary>
internal sealed class ClaimUnderSnapshot()
    : Row(
        "claim-p99-snapshot",
        "99th percentile of a claim after 100,000 claims and ends under one held snapshot, against the same on a fresh table",
        new Bar.Ratio(1.5)
    )
{
    private const int Builders = 8;
    private const int ClaimsBefore = 100_000;

    // Of the 8 builders together: the 99th percentile is then the 20th from the top.
    private const int ClaimsEach = 2000;

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var server = await place.RegistryServerAsync();
        var pairs = place.Pairs(7);
        var tasks = ClaimsBefore + (pairs + 2) * ClaimsEach;
        await using var aged = await OpenAsync(server, "aged", tasks);
        await using var fresh = await OpenAsync(server, "fresh", tasks);
        await using var agedCrew = await Crew.AttachAsync(aged, Builders, Ending.Registry);
        await using var freshCrew = await Crew.AttachAsync(fresh, Builders, Ending.Registry);
        await using var snapshot = await SnapshotAsync(aged);
        await agedCrew.WorkAsync(ClaimsBefore);
        return await Paired.MeasureAsync(pairs, "ms", () => P99Async(agedCrew), () => P99Async(freshCrew));
    }

    private static async Task<RegistryDatabase> OpenAsync(RegistryServer server, string name, int tasks)
    {
        var database = await server.CopyAsync(name, finishedTasks: 1_000_000);
        // A fifth more than will be claimed: no lane runs empty.
        await database.AddReadyAsync(jobs: tasks * 6 / 5 / RegistryServer.Platforms);
        return database;
    }

    private static async Task<NpgsqlConnection> SnapshotAsync(RegistryDatabase database)
    {
        var connection = await database.ConnectAsync();
        await using var begin = new NpgsqlCommand(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM platform",
            connection
        );
        await begin.ExecuteNonQueryAsync();
        return connection;
    }

    private static async Task<double> P99Async(Crew crew) =>
        Paired.Quantile((await crew.WorkAsync(ClaimsEach)).Claims, 0.99);
}
