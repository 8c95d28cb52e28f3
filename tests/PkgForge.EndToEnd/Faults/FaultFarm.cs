using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;

namespace PkgForge.EndToEnd.Faults;

/// <summary>A farm of one run: two builders of one platform, one of another, and its registry.</summary>
internal sealed class FaultFarm : IAsyncDisposable
{
    public const string FirstBuilder = "b1";
    public const string SecondBuilder = "b2";
    public const string OtherBuilder = "m1";

    private readonly FarmDatabase? database;

    private FaultFarm(TestFarm farm, FarmDatabase? database, string registry) =>
        (Farm, this.database, Registry) = (farm, database, registry);

    public TestFarm Farm { get; }

    public string Registry { get; }

    /// <param name="postgres">The server of a database for it; null for SQLite.</param>
    /// <param name="more">More of the configuration.</param>
    public static async Task<FaultFarm> CreateAsync(PostgresFixture? postgres, string more)
    {
        var own = postgres is null ? null : await FarmDatabase.CreateAsync(postgres);
        var made = await CreateAsync(own?.Registry, more);
        return new(made.Farm, own, made.Registry);
    }

    /// <param name="registry">For <c>registry:</c>; null for SQLite.</param>
    /// <param name="more">More of the configuration.</param>
    public static async Task<FaultFarm> CreateAsync(string? registry, string more)
    {
        var farm = await TestFarm.CreateAsync(new() { Registry = registry, More = more });
        await farm.DoAsync("platform", "add", "more", "all", "--format", "dummy");
        await farm.DoAsync("builder", "add", SecondBuilder, "dummy", "all");
        await farm.DoAsync("builder", "add", OtherBuilder, "more", "all");
        return new(farm, null, registry ?? $"sqlite:{farm.Directory}/registry.db");
    }

    /// <summary>Submits a job, and notes that it was acknowledged.</summary>
    public async Task SubmitAsync(PlannedJob job)
    {
        var result = await Farm.TryAsync(job.Submit(Farm));
        result.ExitCode.Should().Be(0, "job {0} is to be taken, but: {1}", job.Id, result);
        job.IsAcknowledged = true;
    }

    /// <summary>One pass of each, so that nothing waits any more. A builder that was killed three times is in quarantine, which a hand ends.</summary>
    public async Task DrainAsync()
    {
        await Farm.DoAsync("incoming");
        await Farm.DoAsync("builder", "resume", FirstBuilder);
        await Farm.DoAsync("builder", "resume", OtherBuilder);
        await Farm.DoAsync("buildd", "--name", FirstBuilder);
        await Farm.DoAsync("buildd", "--name", OtherBuilder);
    }

    /// <summary>Another publish in every bucket, which removes what a dead one has left; then everything is looked at.</summary>
    public async Task CloseAsync(List<PlannedJob> jobs, int deadSubmissions)
    {
        await DrainAsync();
        foreach (var bucket in new[] { "main", "other" })
        {
            var closing = new PlannedJob(
                $"closing-{bucket}",
                ["-p", "all"],
                [
                    ["product closing.txt c"],
                ],
                2,
                "successful"
            )
            {
                Bucket = bucket,
            };
            jobs.Add(closing);
            await SubmitAsync(closing);
        }
        await DrainAsync();
        await new Invariants(Farm, Registry).CheckAsync(jobs, deadSubmissions);
    }

    public async ValueTask DisposeAsync()
    {
        await Farm.DisposeAsync();
        if (database is not null)
            await database.DisposeAsync();
    }
}
