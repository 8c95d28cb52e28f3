using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>The database server goes away and comes back. Its own server: others must not be disturbed.</summary>
public sealed class OutageTests(PostgresFixture postgres) : FarmTests
{
    [Fact]
    public async Task A_command_without_database_says_which_one_and_ends_with_4()
    {
        var (farm, server) = await MakeAsync();
        await server.StopAsync();
        var result = await farm.TryAsync("status");
        var daemon = await farm.TryAsync("incoming");
        await server.StartAgainAsync();

        result.ExitCode.Should().Be(4);
        result
            .Error.Should()
            .Contain("farm_outage", "it names the database")
            .And.Contain("pkgforge-postgres-", "and its host");
        daemon.ExitCode.Should().Be(4);
    }

    [Fact]
    public async Task Daemons_wait_for_the_database_and_go_on()
    {
        var (farm, server) = await MakeAsync();
        await server.StopAsync();
        var (incoming, builder) = (
            farm.Start("incoming", "--daemon"),
            farm.Start("buildd", "--name", "b1", "--daemon")
        );
        await farm.SubmitAsync("patient", farm.Script("a", "product a.txt a"));
        await Task.Delay(TimeSpan.FromSeconds(2));
        (incoming.HasEnded, builder.HasEnded).Should().Be((false, false));
        await server.StartAgainAsync();

        (await farm.FinalAsync("patient")).State.Should().Be("successful");
        await Task.WhenAll(incoming.StopAsync(), builder.StopAsync());
    }

    [Fact]
    public async Task A_build_outlives_a_restart_of_the_database()
    {
        var (farm, server) = await MakeAsync("lease: 20s\nheartbeat: 0.5s");
        await farm.SubmitAsync("through", farm.Script("a", "sleep 3", "product a.txt a"));
        await farm.DoAsync("incoming");
        var builder = farm.Start("buildd", "--name", "b1", "--daemon");
        await builder.SaysAsync("building through");
        await server.StopAsync();
        // It ends while there is no database, and must wait to say so.
        await Task.Delay(TimeSpan.FromSeconds(4));
        await server.StartAgainAsync();

        var job = await farm.FinalAsync("through");
        job.State.Should().Be("successful");
        job.Task.Attempts.Should().ContainSingle().Which.Outcome.Should().Be("success");
        await builder.StopAsync();
    }

    private async Task<(TestFarm Farm, PostgresCluster Server)> MakeAsync(string more = "")
    {
        postgres.Require();
        var server = Keep(await PostgresCluster.StartAsync());
        await server.CreateDatabaseAsync("farm_outage");
        var farm = await MakeFarmAsync(
            new() { Registry = $"postgres:{server.ConnectionString("farm_outage")}", More = more }
        );
        return (farm, server);
    }
}
