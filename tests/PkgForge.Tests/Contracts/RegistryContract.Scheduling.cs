using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

/// <summary>Which task is claimed next.</summary>
public abstract partial class RegistryContract
{
    private Task<RegisterOutcome> RegisterAsync(string id, string submitter, string bucket = "main") =>
        RegisterAsync(NewJob(id), job => job with { Submitter = submitter, Bucket = bucket });

    private async Task<string?> NextAsync(BuilderSession builder) =>
        (await Registry.ClaimNextTaskAsync(builder, Cancel))?.Job.ToString();

    /// <summary>Claims and ends tasks one after the other, each after so many seconds, until none is left.</summary>
    private async Task<List<string>> DrainAsync(BuilderSession builder, int seconds = 0)
    {
        var order = new List<string>();
        while (await Registry.ClaimNextTaskAsync(builder, Cancel) is { } task)
        {
            order.Add(task.Job.ToString());
            await ExecuteAsync($"UPDATE task SET claimed = {Ago(seconds)} WHERE state = 12");
            await FinishAsync(task, BuildTaskState.Fail);
        }
        return order;
    }

    [Fact]
    public async Task Priorities_go_before_age_and_background_goes_last()
    {
        await RegisterAsync(NewJob("background"), job => job with { Priority = Priority.Background });
        await RegisterAsync("normal");
        await RegisterAsync(NewJob("urgent"), job => job with { Priority = Priority.Urgent });

        (await DrainAsync(await BuilderAsync())).Should().Equal("urgent", "normal", "background");
    }

    [Fact]
    public async Task A_waiting_job_can_be_given_another_priority()
    {
        await RegisterAsync("first");
        await RegisterAsync("second");

        (await Registry.SetPriorityAsync(JobId.Parse("second"), Priority.Urgent, Cancel)).Should().BeTrue();
        (await Registry.SetPriorityAsync(JobId.Parse("nobody"), Priority.Urgent, Cancel)).Should().BeFalse();

        (await JobAsync("second")).Job.Priority.Should().Be(Priority.Urgent);
        (await DrainAsync(await BuilderAsync())).Should().Equal("second", "first");
    }

    [Fact]
    public async Task Submitters_take_turns_however_much_one_of_them_has_waiting()
    {
        for (var i = 1; i <= 4; i++)
            await RegisterAsync($"ada{i}", "ada");
        await RegisterAsync("bob1", "bob");
        await RegisterAsync("bob2", "bob");

        // Of two that have used the same, but for milliseconds, either may be first.
        var order = await DrainAsync(await BuilderAsync(), seconds: 60);

        order[..2].Should().BeEquivalentTo("ada1", "bob1");
        order[2..4].Should().BeEquivalentTo("ada2", "bob2");
        order[4..].Should().Equal("ada3", "ada4");
    }

    [Fact]
    public async Task Who_has_used_less_goes_first_and_old_use_weighs_little()
    {
        await RegisterAsync("ada1", "ada");
        await RegisterAsync("bob1", "bob");
        var builder = await BuilderAsync();
        await UseAsync(builder, "ada1", 100);
        await UseAsync(builder, "bob1", 1000);
        await RegisterAsync("bob2", "bob");
        await RegisterAsync("ada2", "ada");

        (await DrainAsync(builder)).Should().Equal("ada2", "bob2");
    }

    private async Task UseAsync(BuilderSession builder, string job, int seconds)
    {
        var task = await ClaimAsync(builder);
        task.Job.ToString().Should().Be(job);
        await ExecuteAsync($"UPDATE task SET claimed = {Ago(seconds)} WHERE state = 12");
        await FinishAsync(task, BuildTaskState.Fail);
    }

    [Fact]
    public async Task Of_many_builders_each_submitter_gets_a_share()
    {
        for (var i = 1; i <= 4; i++)
            await RegisterAsync($"ada{i}", "ada");
        await RegisterAsync("bob1", "bob");
        await RegisterAsync("bob2", "bob");
        var claimed = new List<string?>();

        for (var i = 1; i <= 4; i++)
            claimed.Add(await NextAsync(await BuilderAsync($"b{i}")));

        claimed.Should().BeEquivalentTo("ada1", "ada2", "bob1", "bob2");
    }

    [Fact]
    public async Task A_task_that_comes_back_keeps_its_place()
    {
        await RegisterAsync("first");
        await RegisterAsync("second");
        var builder = await BuilderAsync();
        var first = await ClaimAsync(builder);
        await Registry.RequeueAsync(first.Lease, AttemptOutcome.Interrupted, "shutdown", null, Cancel);

        (await DrainAsync(builder)).Should().Equal("first", "second");
    }

    [Theory]
    [InlineData(CapKind.Submitter, "ada", 1)]
    [InlineData(CapKind.Submitter, "*", 1)]
    [InlineData(CapKind.Bucket, "main", 1)]
    [InlineData(CapKind.Submitter, "ada", 0)]
    public async Task A_cap_holds_tasks_back_and_others_pass(CapKind kind, string name, int tasks)
    {
        await Registry.SetCapAsync(new(kind, name, tasks), Cancel);
        await RegisterAsync("ada1", "ada");
        await RegisterAsync("ada2", "ada");
        await RegisterAsync("bob1", "bob", "other");
        var claimed = new List<string?>();

        for (var i = 1; i <= 3; i++)
            claimed.Add(await NextAsync(await BuilderAsync($"b{i}")));

        claimed.Should().BeEquivalentTo(tasks == 1 ? ["ada1", "bob1", null] : new string?[] { "bob1", null, null });
        await Registry.SetCapAsync(new(kind, name, null), Cancel);
        (await Registry.ListCapsAsync(Cancel)).Should().BeEmpty();
        (await NextAsync(await BuilderAsync("b4"))).Should().Be(tasks == 1 ? "ada2" : "ada1");
    }

    [Fact]
    public async Task An_own_cap_stands_before_that_of_everybody()
    {
        await Registry.SetCapAsync(new(CapKind.Submitter, "*", 1), Cancel);
        await Registry.SetCapAsync(new(CapKind.Submitter, "ada", 2), Cancel);
        await RegisterAsync("ada1", "ada");
        await RegisterAsync("ada2", "ada");

        (await NextAsync(await BuilderAsync("b1"))).Should().Be("ada1");
        (await NextAsync(await BuilderAsync("b2"))).Should().Be("ada2");
        (await Registry.ListCapsAsync(Cancel))
            .Should()
            .Equal(new Cap(CapKind.Submitter, "*", 1), new Cap(CapKind.Submitter, "ada", 2));
    }

    [Fact]
    public async Task A_cap_is_kept_by_builders_that_claim_at_once()
    {
        await Registry.SetCapAsync(new(CapKind.Bucket, "main", 2), Cancel);
        for (var i = 0; i < 8; i++)
            await RegisterAsync($"job{i}");
        var builders = new List<BuilderSession>();
        for (var i = 0; i < 8; i++)
            builders.Add(await BuilderAsync($"b{i}"));

        var claimed = await Task.WhenAll(
            builders.Select(b => Task.Run(() => Registry.ClaimNextTaskAsync(b, Cancel), Cancel))
        );

        claimed.Count(task => task is not null).Should().Be(2);
    }

    [Fact]
    public async Task A_refused_task_goes_to_another_builder_and_costs_nothing()
    {
        await RegisterAsync("big");
        var small = await BuilderAsync("small");
        var task = await ClaimAsync(small);

        (await Registry.RefuseTaskAsync(task.Lease, "4 GiB of disk; 20 are wanted", Cancel)).Should().BeTrue();
        (await Registry.RefuseTaskAsync(task.Lease, "again", Cancel)).Should().BeFalse("the lease has gone");

        (await NextAsync(small)).Should().BeNull();
        (await Registry.BeatAsync([small], Cancel)).Waiting.Should().Contain(Bookworm);
        (await NextAsync(await BuilderAsync("large"))).Should().Be("big");
        (await TaskAsync("big"))
            .Attempts[0]
            .Should()
            .BeEquivalentTo(new { Outcome = AttemptOutcome.Interrupted, Builder = "small" });
    }

    [Fact]
    public async Task A_refusal_is_forgotten_in_time_and_when_the_builder_starts_again()
    {
        await RegisterAsync("big");
        var small = await BuilderAsync("small");
        await Registry.RefuseTaskAsync((await ClaimAsync(small)).Lease, "no disk", Cancel);
        await ExecuteAsync($"UPDATE refusal SET refused = {Ago(3601)}");
        var task = await ClaimAsync(small);
        await Registry.RefuseTaskAsync(task.Lease, "no disk", Cancel);
        (await NextAsync(small)).Should().BeNull();

        var again = (await Registry.AttachBuilderAsync("small", "one", Cancel)).Session!;

        (await NextAsync(again)).Should().Be("big");
    }

    [Fact]
    public async Task Tasks_of_a_platform_that_is_not_active_are_not_claimed()
    {
        await RegisterAsync("hello");
        var builder = await BuilderAsync();
        await Registry.SetPlatformActiveAsync(Bookworm, false, Cancel);
        (await NextAsync(builder)).Should().BeNull();

        await Registry.SetPlatformActiveAsync(Bookworm, true, Cancel);

        (await NextAsync(builder)).Should().Be("hello");
    }

    [Fact]
    public async Task Claims_pass_by_what_has_gone_and_miss_nothing_that_comes_back()
    {
        // More claims than it takes to move the lanes' heads, twice, and tasks that come back behind them.
        var builder = await BuilderAsync();
        var registered = await Registry.RegisterJobsAsync(
            [.. Enumerable.Range(0, 1100).Select(i => NewJob($"j{i}"))],
            Cancel
        );
        registered.Should().OnlyContain(outcome => outcome == RegisterOutcome.Registered);
        for (var i = 0; i < 1010; i++)
            await FinishAsync(await ClaimAsync(builder), BuildTaskState.Fail);
        await Registry.RetryAsync(JobId.Parse("j3"), null, false, Cancel);
        await Registry.RetryAsync(JobId.Parse("j700"), null, false, Cancel);

        var rest = await DrainAsync(builder);

        rest.Should().HaveCount(92).And.StartWith(["j3", "j700", "j1010"]).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Many_jobs_are_registered_in_one_transaction_each_with_its_own_answer()
    {
        await RegisterAsync("taken");
        await RegisterAsync("same");
        NewJob[] jobs =
        [
            NewJob("new", Bookworm, Fedora),
            NewJob("taken") with
            {
                ManifestSha256 = OtherSha,
            },
            NewJob("same"),
            NewJob("new") with
            {
                ManifestSha256 = OtherSha,
            },
        ];

        (await Registry.RegisterJobsAsync(jobs, Cancel))
            .Should()
            .Equal(
                RegisterOutcome.Registered,
                RegisterOutcome.IdTaken,
                RegisterOutcome.AlreadyThere,
                RegisterOutcome.IdTaken
            );
        (await JobAsync("new")).Tasks.Should().HaveCount(2);
        (await Registry.FindManifestAsync(JobId.Parse("new"), Cancel)).Should().Be(Sha);
    }
}
