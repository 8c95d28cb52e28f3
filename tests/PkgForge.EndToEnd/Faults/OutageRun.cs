using AwesomeAssertions;
using Npgsql;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;

namespace PkgForge.EndToEnd.Faults;

/// <summary>
/// A farm with all its daemons on a PostgreSQL server of its own, which is reached through a proxy; jobs are submitted and built while the server
/// stops, crashes, breaks connections off, or while the proxy cuts them at a message.
/// </summary>
internal sealed class OutageRun(Campaign campaign, int seed)
{
    /// <summary>So many outages in one run.</summary>
    public const int Outages = 5;

    private const string Database = "farm_faults";

    /// <summary>Work goes on within this time of the server's return.</summary>
    private static readonly TimeSpan Resumes = TimeSpan.FromSeconds(10);

    private readonly Random random = new(seed);
    private readonly List<PlannedJob> jobs = [];

    public async Task RunAsync()
    {
        await using var server = await PostgresCluster.StartAsync();
        await server.CreateDatabaseAsync(Database);
        var direct = new NpgsqlConnectionStringBuilder(server.ConnectionString(Database));
        await using var proxy = new PostgresProxy(direct.Host!);
        direct.Host = proxy.Host;
        var through = $"postgres:{direct}";
        await using var farm = await FaultFarm.CreateAsync(through, "lease: 20s\nheartbeat: 0.5s");
        try
        {
            await RunAsync(farm, server, proxy);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            farm.Farm.HasFailed = true;
            throw new InvalidOperationException($"{e.Message}\n{farm.Farm.Said()}", e);
        }
    }

    private async Task RunAsync(FaultFarm farm, PostgresCluster server, PostgresProxy proxy)
    {
        FarmProcess[] daemons =
        [
            farm.Farm.Start("incoming", "--daemon"),
            farm.Farm.Start("buildd", "--name", FaultFarm.FirstBuilder, "--daemon"),
            farm.Farm.Start("buildd", "--name", FaultFarm.SecondBuilder, "--daemon"),
            farm.Farm.Start("buildd", "--name", FaultFarm.OtherBuilder, "--daemon"),
        ];
        await Task.WhenAll(daemons.Select(daemon => daemon.SaysAsync("is running")));
        for (var i = 0; i < Outages; i++)
        {
            await SubmitAsync(farm, $"a{i}", "sleep 0.1");
            await SubmitAsync(farm, $"b{i}", "print quick");
            await Task.Delay(random.Next(150));
            var kind = await HappenAsync(server, proxy);
            campaign.Count(kind);
            var returned = TimeProvider.System.GetTimestamp();
            await SubmitAsync(farm, $"c{i}", "print after");
            await AllFinalAsync(server, kind, returned);
        }
        foreach (var daemon in daemons)
            await daemon.StopAsync();
        await farm.CloseAsync(jobs, deadSubmissions: 0);
    }

    private async Task SubmitAsync(FaultFarm farm, string id, string step)
    {
        var job = new PlannedJob(
            id,
            ["-p", "all"],
            [
                [step, $"product {id}.txt x", "product shared.txt of-" + id],
            ],
            2,
            "successful"
        );
        jobs.Add(job);
        await farm.SubmitAsync(job);
    }

    /// <summary>Something happens to the server; at the return it is there again.</summary>
    private async Task<string> HappenAsync(PostgresCluster server, PostgresProxy proxy)
    {
        switch (random.Next(10))
        {
            case 0 or 1:
                await server.StopAsync();
                await Task.Delay(random.Next(1500));
                await server.StartAgainAsync();
                return "the server was stopped and started";
            case 2:
                await server.StopAsync();
                await Task.Delay(TimeSpan.FromSeconds(random.Next(12, 25)));
                await server.StartAgainAsync();
                return "the server was away for 12 to 25 s";
            case 3:
                await server.StopAsync("immediate");
                await server.StartAgainAsync();
                return "the server crashed and was started";
            case 4 or 5 or 6:
                for (var times = random.Next(1, 4); times > 0; times--)
                {
                    await TerminateAsync(server);
                    await Task.Delay(random.Next(60));
                }
                return "all backends were terminated, one to three times";
            default:
                var where = (Cut)random.Next(3);
                proxy.Arm(where, random.Next(1, where == Cut.InsteadOfCommitted ? 6 : 60));
                await Task.Delay(TimeSpan.FromSeconds(1));
                if (proxy.Disarm())
                    return $"the connection was cut: {where}";
                await TerminateAsync(server);
                return "all backends were terminated, one to three times";
        }
    }

    private static Task TerminateAsync(PostgresCluster server) =>
        PostgresCluster.ExecuteAsync(
            server.ConnectionString("postgres"),
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Database}'"
        );

    /// <summary>The job that was submitted after the return ends soon, and all others do.</summary>
    private async Task AllFinalAsync(PostgresCluster server, string kind, long returned)
    {
        var registry = $"postgres:{server.ConnectionString(Database)}";
        while (true)
        {
            var world = await World.ReadAsync(registry);
            var elapsed = TimeProvider.System.GetElapsedTime(returned);
            var last = world.Jobs.SingleOrDefault(job => job.Id == jobs[^1].Id);
            if (
                last is { State: not (3 or 4) }
                && world.Jobs.Count == jobs.Count
                && world.Jobs.All(job => job.State is not (3 or 4))
            )
            {
                campaign.Took($"all that was submitted is built again after {kind}", elapsed);
                return;
            }
            elapsed
                .Should()
                .BeLessThan(
                    Resumes,
                    "work must go on after {0}; still waiting: {1}",
                    kind,
                    string.Join(
                        ' ',
                        jobs.Select(j => j.Id).Except(world.Jobs.Where(j => j.State is not (3 or 4)).Select(j => j.Id))
                    )
                );
            await Task.Delay(20);
        }
    }
}
