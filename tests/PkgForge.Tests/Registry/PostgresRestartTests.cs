using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Sources;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Registry;

/// <summary>A server that goes away and comes back. It is these tests' own: others would be disturbed.</summary>
public sealed class PostgresRestartTests(PostgresFixture fixture) : IAsyncLifetime
{
    private static readonly PlatformKey Bookworm = new("bookworm", "amd64");

    private PostgresCluster? server;
    private IRegistry registry = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        fixture.Require();
        server = await PostgresCluster.StartAsync();
        registry = Registries.Open(new() { Connection = $"postgres:{server.ConnectionString("postgres")}" });
        await registry.MigrateAsync(Cancel);
        await registry.AddPlatformAsync(new(Bookworm, PackageFormat.Debian, Active: true, Auto: true), Cancel);
        await registry.AddBuilderAsync("b1", Bookworm, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is null)
            return;
        await registry.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task The_same_registry_goes_on_after_the_server_was_restarted()
    {
        await RegisterAsync();
        var session = (await registry.AttachBuilderAsync("b1", "one", Cancel)).Session!;
        await using var wakeUp = await registry.ListenAsync(Topic.Tasks(Bookworm), Cancel);
        var claim = (await registry.ClaimNextTaskAsync(session, Cancel))!;
        // Several connections in the pool, all of which the restart breaks off.
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => registry.ListPlatformsAsync(Cancel)));

        await server!.RestartAsync();

        (await registry.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
        var result = new TaskResult(BuildTaskState.Success, null, null, null, [], null);
        (await registry.FinishTaskAsync(claim.Lease, result, Cancel)).Should().BeTrue();
        await wakeUp.WaitAsync(TimeSpan.FromHours(1), Cancel).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task No_lease_counts_as_expired_because_the_server_was_away()
    {
        await RegisterAsync();
        await using var farm = Registries.Open(
            new() { Connection = $"postgres:{server!.ConnectionString("postgres")}", Lease = TimeSpan.FromSeconds(2) }
        );
        var session = (await farm.AttachBuilderAsync("b1", "one", Cancel)).Session!;
        var claim = (await farm.ClaimNextTaskAsync(session, Cancel))!;
        await server.StopAsync();
        await Task.Delay(TimeSpan.FromSeconds(2), Cancel);
        await server.StartAgainAsync();

        (await farm.ReleaseExpiredAsync(Cancel)).Should().Be(0, "its builder could not be heard");
        (await farm.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
        await Task.Delay(TimeSpan.FromSeconds(2.5), Cancel);
        (await farm.ReleaseExpiredAsync(Cancel)).Should().Be(1, "it is silent now");
    }

    [Fact]
    public async Task Calls_made_while_the_server_is_away_wait_for_it()
    {
        await server!.StopAsync();
        var register = Task.Run(RegisterAsync, Cancel);
        var list = Task.Run(() => registry.ListPlatformsAsync(Cancel), Cancel);

        await server.StartAgainAsync();

        (await register).Should().Be(RegisterOutcome.Registered);
        (await list).Should().ContainSingle();
    }

    private Task<RegisterOutcome> RegisterAsync()
    {
        var job = new Job
        {
            Id = JobId.Parse("hello"),
            Submitter = "ada",
            Time = DateTimeOffset.UnixEpoch,
            Bucket = "main",
            Sources = ["hello.dsc"],
            Files = [],
        };
        return registry.RegisterJobAsync(new(job, new('a', 64), [Bookworm]), Cancel);
    }
}
