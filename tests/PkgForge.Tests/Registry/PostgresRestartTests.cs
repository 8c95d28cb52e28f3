using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Registry;

/// <summary>A server that goes away and comes back.</summary>
public sealed class PostgresRestartTests(PostgresFixture fixture) : OwnServerTests(fixture)
{
    [Fact]
    public async Task The_same_registry_goes_on_after_the_server_was_restarted()
    {
        await RegisterAsync();
        var session = await AttachAsync("b1");
        await using var wakeUp = await Registry.ListenAsync(Topic.Tasks(Bookworm), Cancel);
        var claim = (await Registry.ClaimNextTaskAsync(session, Cancel))!;
        // Several connections in the pool, all of which the restart breaks off.
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Registry.ListPlatformsAsync(Cancel)));

        await Server.RestartAsync();

        (await Registry.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
        (await Registry.FinishTaskAsync(claim.Lease, Success, Cancel)).Should().BeTrue();
        await wakeUp.WaitAsync(TimeSpan.FromHours(1), Cancel).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task No_lease_counts_as_expired_because_the_server_was_away()
    {
        await RegisterAsync();
        await using var farm = Open(lease: TimeSpan.FromSeconds(2));
        await Registry.AddBuilderAsync("b1", Bookworm, Cancel);
        var session = (await farm.AttachBuilderAsync("b1", "host", null, Cancel)).Session!;
        var claim = (await farm.ClaimNextTaskAsync(session, Cancel))!;
        await Server.StopAsync();
        await Task.Delay(TimeSpan.FromSeconds(2), Cancel);
        await Server.StartAgainAsync();

        (await farm.ReleaseExpiredAsync(Cancel)).Should().Be(0, "its builder could not be heard");
        (await farm.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
        await Task.Delay(TimeSpan.FromSeconds(2.5), Cancel);
        (await farm.ReleaseExpiredAsync(Cancel)).Should().Be(1, "it is silent now");
    }

    [Fact]
    public async Task Calls_made_while_the_server_is_away_wait_for_it()
    {
        await Server.StopAsync();
        var register = Task.Run(RegisterAsync, Cancel);
        var list = Task.Run(() => Registry.ListPlatformsAsync(Cancel), Cancel);

        await Server.StartAgainAsync();

        (await register).Should().Be(RegisterOutcome.Registered);
        (await list).Should().ContainSingle();
    }
}
