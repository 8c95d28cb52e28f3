using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

/// <summary>Why tasks wait, and until when.</summary>
public abstract partial class RegistryContract
{
    private async Task<Waiting> WhyAsync(string id = "hello") =>
        (await Registry.ExplainAsync(JobId.Parse(id), Cancel)).Single();

    [Fact]
    public async Task A_task_says_that_nobody_builds_for_its_platform()
    {
        await RegisterAsync("hello");
        (await WhyAsync())
            .Should()
            .BeEquivalentTo(
                new
                {
                    Reason = WaitReason.NoBuilder,
                    Details = "there is no builder for bookworm-amd64: add one with `pkgforge builder add`",
                }
            );
        var builder = await BuilderAsync();
        await Registry.SetDrainingAsync("b1", true, Cancel);
        (await WhyAsync()).Details.Should().EndWith("takes tasks: b1 is draining");
        await Registry.DetachBuilderAsync(builder, Cancel);
        (await WhyAsync()).Details.Should().Contain("b1 is stopped (last seen 20");
    }

    [Fact]
    public async Task A_task_says_how_many_go_before_it_and_when_it_should_begin()
    {
        await LearnAsync("hello", 60);
        var builder = await BuilderAsync("teacher");
        for (var i = 0; i < 3; i++)
            await RegisterSourceAsync($"hello{i}", "hello");

        var first = await WhyAsync("hello0");
        first
            .Should()
            .BeEquivalentTo(new { Reason = WaitReason.TasksBefore, Before = 0 }, o => o.Excluding(w => w.Reason));
        first.Details.Should().Be("it is next: a builder is about to take it");
        await ClaimAsync(builder);

        var last = await WhyAsync("hello2");

        last.Should().BeEquivalentTo(new { Reason = WaitReason.TasksBefore, Before = 1 });
        last.Details.Should().Be("1 task goes before it, for 1 builder");
        (last.Start!.Value - TimeProvider.System.GetUtcNow())
            .Should()
            .BeCloseTo(TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(10));
        (await WhyAsync("hello1")).Details.Should().Be("it is next, when teacher is done");
    }

    [Fact]
    public async Task A_task_of_another_submitter_has_only_its_turns_before_it()
    {
        var builder = await BuilderAsync();
        for (var i = 0; i < 9; i++)
            await RegisterAsync($"ada{i}", "ada");
        await RegisterAsync("bob1", "bob");
        await ClaimAsync(builder);

        (await WhyAsync("bob1")).Before.Should().Be(1);
        (await WhyAsync("ada8")).Before.Should().Be(8);
    }

    [Fact]
    public async Task A_task_says_what_else_holds_it_up()
    {
        await RegisterAsync("hello");
        await RegisterAfterAsync("last", "hello");
        var builder = await BuilderAsync();
        (await WhyAsync("last"))
            .Should()
            .BeEquivalentTo(new { Reason = WaitReason.AfterOthers, Details = "waits for hello (needs build)" });

        await Registry.RefuseTaskAsync((await ClaimAsync(builder)).Lease, "no room", Cancel);
        (await WhyAsync())
            .Should()
            .Match<Waiting>(why =>
                why.Reason == WaitReason.RefusedByAll
                && why.Details.StartsWith("refused by every builder that runs: b1: no room (asked again at ")
            );

        await Registry.SetCapAsync(new(CapKind.Bucket, "main", 0), Cancel);
        await BuilderAsync("b2");
        (await WhyAsync())
            .Should()
            .BeEquivalentTo(
                new { Reason = WaitReason.Cap, Details = "bucket main has reached its cap of 0 tasks at once" }
            );

        await Registry.SetPlatformActiveAsync(Bookworm, false, Cancel);
        (await WhyAsync()).Reason.Should().Be(WaitReason.PlatformInactive);
    }

    [Fact]
    public async Task A_task_that_is_left_to_another_builder_says_so()
    {
        await RegisterAsync("hello");
        var failing = await BuilderAsync();
        await BuilderAsync("b2");
        var task = await ClaimAsync(failing);
        await Registry.RequeueAsync(task.Lease, AttemptOutcome.FarmFault, "no disk", null, Cancel);

        (await WhyAsync())
            .Details.Should()
            .StartWith("it is next: a builder is about to take it; b1 failed with it, and leaves it to others until ");
    }

    [Fact]
    public async Task Older_tasks_of_ones_own_for_another_bucket_go_before()
    {
        for (var i = 0; i < 5; i++)
            await RegisterAsync(NewJob($"older-{i}"), job => job with { Bucket = "other" });
        await RegisterAsync("hello");
        await BuilderAsync();

        (await WhyAsync()).Before.Should().Be(5);
    }

    [Fact]
    public async Task Where_a_cap_is_free_again_and_where_a_platform_is_active_again_those_who_wait_are_woken()
    {
        await Registry.SetCapAsync(new(CapKind.Submitter, "*", 1), Cancel);
        await RegisterAsync("hello", Bookworm, Fedora);
        var claim = await ClaimAsync(await BuilderAsync());
        (await NextAsync(await BuilderAsync("f1", Fedora))).Should().BeNull("the cap is reached");
        await using var wakeUp = await Registry.ListenAsync(Topic.Tasks(Fedora), Cancel);

        await FinishAsync(claim, BuildTaskState.Success);
        (await wakeUp.WaitAsync(Long, Cancel)).Should().BeTrue();

        await Registry.SetPlatformActiveAsync(Fedora, true, Cancel);
        (await wakeUp.WaitAsync(Long, Cancel)).Should().BeTrue();
    }
}
