using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Sources;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Registry;

/// <summary>
/// A claim does not wait for the disk. A server that crashes right after it has forgotten it, and gives the task, with the same number, to
/// whoever claims next.
/// </summary>
public sealed class PostgresForgottenClaimTests(PostgresFixture fixture) : IAsyncLifetime
{
    private static readonly PlatformKey Bookworm = new("bookworm", "amd64");

    private static readonly Job Hello = new()
    {
        Id = JobId.Parse("hello"),
        Submitter = "ada",
        Time = DateTimeOffset.UnixEpoch,
        Bucket = "main",
        Sources = ["hello_2.10-3.dsc"],
        Files = [],
    };

    private PostgresCluster? cluster;
    private IRegistry registry = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        fixture.Require();
        // What waits for nobody is written after ten seconds; but for that the server is as the others of the tests.
        cluster = await PostgresCluster.StartAsync(
            settings: ["fsync=off", "full_page_writes=off", "wal_writer_delay=10s", "autovacuum=off"]
        );
        await cluster.CreateDatabaseAsync("forgotten");
        registry = Registries.Open(
            new()
            {
                Connection = $"postgres:{cluster.ConnectionString("forgotten")}",
                Timeout = TimeSpan.FromSeconds(10),
            }
        );
        await registry.MigrateAsync(Cancel);
        await registry.AddPlatformAsync(new(Bookworm, PackageFormat.Debian, Active: true, Auto: true), Cancel);
        await registry.RegisterJobAsync(new(Hello, new('a', 64), [Bookworm]), Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster is null)
            return;
        await registry.DisposeAsync();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_claim_that_a_crash_has_lost_is_nobodys()
    {
        var (first, second) = (await AttachAsync("b1"), await AttachAsync("b2"));
        var lost = (await registry.ClaimNextTaskAsync(first, Cancel))!;

        await CrashAsync();
        (await TaskAsync()).State.Should().Be(BuildTaskState.NeedsBuild, "else this test tries nothing");
        (await registry.HeartbeatAsync(lost.Lease, Cancel)).Should().Be(LeaseAnswer.Lost);
        var claim = (await registry.ClaimNextTaskAsync(second, Cancel))!;

        claim.Attempt.Should().Be(lost.Attempt);
        (await registry.HeartbeatAsync(lost.Lease, Cancel)).Should().Be(LeaseAnswer.Lost);
        (await registry.FinishTaskAsync(lost.Lease, Success, Cancel)).Should().BeFalse();
        (await registry.FinishTaskAsync(claim.Lease, Success, Cancel)).Should().BeTrue();
        (await registry.FinishTaskAsync(lost.Lease, Success, Cancel)).Should().BeFalse();
        (await TaskAsync()).Attempts.Should().ContainSingle().Which.Builder.Should().Be("b2");
    }

    [Fact]
    public async Task What_is_committed_after_a_claim_keeps_it()
    {
        var first = await AttachAsync("b1");
        var claim = (await registry.ClaimNextTaskAsync(first, Cancel))!;
        await AttachAsync("b2");

        await CrashAsync();

        (await registry.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
    }

    [Fact]
    public async Task The_end_of_a_task_is_kept_with_its_claim()
    {
        var claim = (await registry.ClaimNextTaskAsync(await AttachAsync("b1"), Cancel))!;
        (await registry.FinishTaskAsync(claim.Lease, Success, Cancel)).Should().BeTrue();

        await CrashAsync();

        (await TaskAsync()).State.Should().Be(BuildTaskState.Success);
    }

    private static TaskResult Success { get; } = new(BuildTaskState.Success, null, null, null, [], null);

    private async Task CrashAsync()
    {
        await cluster!.StopAsync("immediate");
        await cluster.StartAgainAsync();
    }

    private async Task<BuilderSession> AttachAsync(string name)
    {
        await registry.AddBuilderAsync(name, Bookworm, Cancel);
        return (await registry.AttachBuilderAsync(name, "host", null, Cancel)).Session!;
    }

    private async Task<BuildTask> TaskAsync() =>
        (await registry.FindJobAsync(Hello.Id, Cancel))!.Tasks.Should().ContainSingle().Subject;
}
