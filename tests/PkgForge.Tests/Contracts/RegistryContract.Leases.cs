using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class RegistryContract
{
    [Fact]
    public async Task Finishing_twice_with_the_same_result_is_true_and_changes_nothing()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        var mail = new OutgoingMail(["ada@example.org"], "ok", new Dictionary<string, string>(), "body");

        for (var i = 0; i < 2; i++)
            (await Registry.FinishTaskAsync(claim.Lease, Result(BuildTaskState.Success, mail), Cancel))
                .Should()
                .BeTrue();

        var counts = await Registry.CountAsync(Cancel);
        counts["product"].Should().Be(1);
        counts["outbox"].Should().Be(1);
        (await FinishAsync(claim, BuildTaskState.Fail)).Should().BeFalse();
        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.Success);
    }

    [Fact]
    public async Task An_old_lease_can_change_nothing()
    {
        await RegisterAsync("hello");
        var old = await ClaimAsync(await BuilderAsync("b1"));
        await ExpireLeasesAsync();
        await Registry.ReleaseExpiredAsync(Cancel);
        var current = await ClaimAsync(await BuilderAsync("b2"));
        current.Attempt.Should().Be(2);
        var before = await JobAsync("hello");

        (await Registry.HeartbeatAsync(old.Lease, Cancel)).Should().Be(LeaseAnswer.Lost);
        (await FinishAsync(old, BuildTaskState.Success)).Should().BeFalse();
        (await Registry.RequeueAsync(old.Lease, AttemptOutcome.FarmFault, "late", null, Cancel))
            .Should()
            .Be(RequeueOutcome.Refused);

        (await JobAsync("hello")).Should().BeEquivalentTo(before);
        (await Registry.HeartbeatAsync(current.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
    }

    [Fact]
    public async Task A_heartbeat_keeps_a_lease_alive_and_an_unheard_one_is_put_back_as_lost()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        await ExpireLeasesAsync();
        (await Registry.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
        (await Registry.ReleaseExpiredAsync(Cancel)).Should().Be(0);

        await ExpireLeasesAsync();
        (await Registry.ReleaseExpiredAsync(Cancel)).Should().Be(1);

        var task = await TaskAsync("hello");
        task.State.Should().Be(BuildTaskState.NeedsBuild);
        task.Attempts.Single().Outcome.Should().Be(AttemptOutcome.Lost);
        (await JobStateAsync("hello")).Should().Be(JobState.Building);
    }

    [Fact]
    public async Task A_lease_lasts_as_long_as_the_options_say()
    {
        await RegisterAsync("hello");
        await using var hasty = Registries.Open(Options with { Lease = TimeSpan.Zero });
        var builder = await BuilderAsync();
        var first = (await hasty.ClaimNextTaskAsync(builder, Cancel))!;
        while (await Registry.ReleaseExpiredAsync(Cancel) == 0)
            await Task.Yield();

        (await ClaimAsync(builder)).Lease.Number.Should().Be(first.Lease.Number + 1);
        (await Registry.ReleaseExpiredAsync(Cancel)).Should().Be(0);
    }

    [Fact]
    public async Task More_expired_leases_than_one_batch_are_all_put_back()
    {
        for (var i = 0; i < 130; i++)
        {
            await RegisterAsync($"job-{i}");
            await ClaimAsync(await BuilderAsync($"b{i}"));
        }
        await ExpireLeasesAsync();

        (await Registry.ReleaseExpiredAsync(Cancel)).Should().Be(130);
    }

    public static TheoryData<string, int> OtherHands =>
        new()
        {
            { "b2", 0 },
            { "b1", 1 },
            { "b1", -1 },
        };

    /// <summary>A claim that a crashed database has forgotten, whose number was given again: to another builder, or to another process of the same.</summary>
    [Theory]
    [MemberData(nameof(OtherHands))]
    public async Task The_same_number_in_other_hands_changes_nothing(string builder, int session)
    {
        await RegisterAsync("hello");
        await BuilderAsync("b2");
        var claim = await ClaimAsync(await BuilderAsync("b1"));
        var other = claim.Lease with { Builder = builder, Session = claim.Lease.Session + session };

        (await Registry.HeartbeatAsync(other, Cancel)).Should().Be(LeaseAnswer.Lost);
        (await Registry.FinishTaskAsync(other, Succeeded, Cancel)).Should().BeFalse();
        (await Registry.RequeueAsync(other, AttemptOutcome.Interrupted, "", null, Cancel))
            .Should()
            .Be(RequeueOutcome.Refused);
        (await Registry.RefuseTaskAsync(other, "", Cancel)).Should().BeFalse();
        (await Registry.FindHeldTaskAsync(other, Cancel)).Should().BeNull();
        (await Registry.FindGivenTaskAsync(other, Cancel)).Should().BeNull();
        (await Registry.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
        (await Registry.FinishTaskAsync(claim.Lease, Succeeded, Cancel)).Should().BeTrue();
        (await Registry.FinishTaskAsync(claim.Lease, Succeeded, Cancel)).Should().BeTrue("its answer was lost");
        (await Registry.FinishTaskAsync(other, Succeeded, Cancel))
            .Should()
            .BeFalse("it was not this one that ended it");
        (await Registry.FindGivenTaskAsync(other, Cancel)).Should().BeNull();
    }

    private static TaskResult Succeeded { get; } = new(BuildTaskState.Success, null, null, null, [], null);

    [Fact]
    public async Task A_lease_was_accepted_when_its_task_succeeded_under_it_and_stays_so()
    {
        await RegisterAsync("hello");
        var builder = await BuilderAsync();
        var lost = await ClaimAsync(builder);
        await Registry.RequeueAsync(lost.Lease, AttemptOutcome.FarmFault, "no disk", null, Cancel);
        var claim = await ClaimAsync(builder);
        (await Registry.WasAcceptedAsync(claim.Lease.Attempt, Cancel)).Should().BeFalse("it is being built");
        await FinishAsync(claim, BuildTaskState.Success);

        (await Registry.WasAcceptedAsync(claim.Lease.Attempt, Cancel)).Should().BeTrue();
        (await Registry.WasAcceptedAsync(lost.Lease.Attempt, Cancel)).Should().BeFalse();
        await Registry.RetryAsync(claim.Job, null, all: true, Cancel);
        (await Registry.WasAcceptedAsync(claim.Lease.Attempt, Cancel)).Should().BeTrue("it was, whatever comes now");
    }

    [Fact]
    public async Task What_is_done_beside_the_end_is_done_before_anybody_sees_it_and_only_under_the_lease()
    {
        await RegisterAsync("hello");
        var claim = await ClaimAsync(await BuilderAsync());
        await using var other = Registries.Open(Options);
        var seen = new List<BuildTaskState>();
        void Look() => seen.Add(other.FindJobAsync(claim.Job, Cancel).GetAwaiter().GetResult()!.Tasks[0].State);

        (await Registry.FinishTaskAsync(claim.Lease with { Number = 9 }, Result(BuildTaskState.Success), Look, Cancel))
            .Should()
            .BeFalse();
        seen.Should().BeEmpty();
        (await Registry.FinishTaskAsync(claim.Lease, Result(BuildTaskState.Success), Look, Cancel)).Should().BeTrue();

        seen.Should().Equal(BuildTaskState.Building);
        (await TaskAsync("hello")).State.Should().Be(BuildTaskState.Success);
    }
}
