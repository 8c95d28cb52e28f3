using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Registry;

/// <summary>
/// A claim does not wait for the disk. A server that crashes right after it has forgotten it, and gives the task, with the same number, to
/// whoever claims next.
/// </summary>
public sealed class PostgresForgottenClaimTests(PostgresFixture fixture) : OwnServerTests(fixture, Forgetful)
{
    // What waits for nobody is written after ten seconds; but for that the server is as the others of the tests.
    private static readonly string[] Forgetful =
    [
        "fsync=off",
        "full_page_writes=off",
        "wal_writer_delay=10s",
        "autovacuum=off",
    ];

    [Fact]
    public async Task A_claim_that_a_crash_has_lost_is_nobodys()
    {
        await RegisterAsync();
        var (first, second) = (await AttachAsync("b1"), await AttachAsync("b2"));
        var lost = (await Registry.ClaimNextTaskAsync(first, Cancel))!;

        await CrashAsync();
        (await TaskAsync()).State.Should().Be(BuildTaskState.NeedsBuild, "else this test tries nothing");
        (await Registry.HeartbeatAsync(lost.Lease, Cancel)).Should().Be(LeaseAnswer.Lost);
        var claim = (await Registry.ClaimNextTaskAsync(second, Cancel))!;

        claim.Attempt.Should().Be(lost.Attempt);
        (await Registry.HeartbeatAsync(lost.Lease, Cancel)).Should().Be(LeaseAnswer.Lost);
        (await Registry.FinishTaskAsync(lost.Lease, Success, Cancel)).Should().BeFalse();
        (await Registry.FinishTaskAsync(claim.Lease, Success, Cancel)).Should().BeTrue();
        (await Registry.FinishTaskAsync(lost.Lease, Success, Cancel)).Should().BeFalse();
        (await TaskAsync()).Attempts.Should().ContainSingle().Which.Builder.Should().Be("b2");
    }

    [Fact]
    public async Task What_is_committed_after_a_claim_keeps_it()
    {
        await RegisterAsync();
        var first = await AttachAsync("b1");
        var claim = (await Registry.ClaimNextTaskAsync(first, Cancel))!;
        await AttachAsync("b2");

        await CrashAsync();

        (await Registry.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
    }

    [Fact]
    public async Task The_end_of_a_task_is_kept_with_its_claim()
    {
        await RegisterAsync();
        var claim = (await Registry.ClaimNextTaskAsync(await AttachAsync("b1"), Cancel))!;
        (await Registry.FinishTaskAsync(claim.Lease, Success, Cancel)).Should().BeTrue();

        await CrashAsync();

        (await TaskAsync()).State.Should().Be(BuildTaskState.Success);
    }

    private async Task CrashAsync()
    {
        await Server.StopAsync("immediate");
        await Server.StartAgainAsync();
    }
}
