using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

/// <summary>Jobs that wait for other jobs, and learnt times.</summary>
public abstract partial class RegistryContract
{
    private Task<RegisterOutcome> RegisterAfterAsync(string id, params string[] after) =>
        RegisterAsync(NewJob(id), job => job with { After = [.. after.Select(JobId.Parse)] });

    private Task<RegisterOutcome> RegisterSourceAsync(string id, string source, params string[] after) =>
        RegisterAsync(
            NewJob(id),
            job => job with { After = [.. after.Select(JobId.Parse)], Sources = [$"{source}_1-1.dsc"] }
        );

    private async Task LearnAsync(string source, int seconds)
    {
        await RegisterSourceAsync($"learn-{source}", source);
        var task = await ClaimAsync(await BuilderAsync("teacher"));
        var result = Result(BuildTaskState.Fail) with
        {
            Durations = new Dictionary<string, TimeSpan> { [source] = TimeSpan.FromSeconds(seconds) },
        };
        await Registry.FinishTaskAsync(task.Lease, result, Cancel);
        await Registry.SetDrainingAsync("teacher", true, Cancel);
        await Registry.SetDrainingAsync("teacher", false, Cancel);
    }

    [Fact]
    public async Task A_job_waits_until_those_before_it_have_succeeded()
    {
        await RegisterAsync("one");
        await RegisterAsync("two");
        await RegisterAfterAsync("last", "one", "two");
        var builder = await BuilderAsync();
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);
        var two = await ClaimAsync(builder);
        (await Registry.BeatAsync([builder], Cancel)).Waiting.Should().BeEmpty();
        await using var wakeUp = await Registry.ListenAsync(Topic.Tasks(Bookworm), Cancel);

        await FinishAsync(two, BuildTaskState.Success);

        (await wakeUp.WaitAsync(Long, Cancel)).Should().BeTrue("the task is free now");
        (await NextAsync(builder)).Should().Be("last");
    }

    [Fact]
    public async Task A_job_waits_on_while_one_before_it_has_failed_and_goes_on_after_its_retry()
    {
        await RegisterAsync("one");
        await RegisterAfterAsync("last", "one");
        var builder = await BuilderAsync();
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Fail);
        (await NextAsync(builder)).Should().BeNull();

        await Registry.RetryAsync(JobId.Parse("one"), null, false, Cancel);
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);

        (await NextAsync(builder)).Should().Be("last");
    }

    [Fact]
    public async Task A_job_that_is_retried_waits_for_what_is_built_again_before_it()
    {
        await RegisterAsync("one");
        await RegisterAsync("two");
        await RegisterAfterAsync("last", "one", "two");
        var builder = await BuilderAsync();
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Fail);

        await Registry.RetryAsync(JobId.Parse("one"), null, true, Cancel);
        await Registry.RetryAsync(JobId.Parse("last"), null, false, Cancel);

        var one = await ClaimAsync(builder);
        one.Job.ToString().Should().Be("one");
        (await Registry.CheckAsync(Cancel)).Should().BeEmpty();
        await FinishAsync(one, BuildTaskState.Success);
        (await NextAsync(builder)).Should().Be("last");
    }

    [Fact]
    public async Task A_task_that_is_put_back_waits_for_what_is_built_again_before_it()
    {
        await RegisterAsync("one");
        await RegisterAfterAsync("last", "one");
        var builder = await BuilderAsync();
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);
        var last = await ClaimAsync(builder);
        await Registry.RetryAsync(JobId.Parse("one"), null, true, Cancel);

        await Registry.RequeueAsync(last.Lease, AttemptOutcome.Interrupted, "stopped", null, Cancel);

        (await NextAsync(builder)).Should().Be("one");
        (await Registry.CheckAsync(Cancel)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_success_that_is_built_again_holds_up_those_that_have_not_begun()
    {
        await RegisterAsync("one");
        await RegisterAfterAsync("last", "one");
        var builder = await BuilderAsync();
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);

        (await Registry.RetryAsync(JobId.Parse("one"), null, true, Cancel)).Should().Equal(Bookworm);

        (await NextAsync(builder)).Should().Be("one");
    }

    [Fact]
    public async Task Jobs_that_are_registered_together_wait_for_each_other()
    {
        await RegisterAsync("old");
        NewJob After(string id, params string[] after) =>
            NewJob(id) with
            {
                Job = NewJob(id).Job with { After = [.. after.Select(JobId.Parse)], Priority = Priority.Urgent },
            };
        await Registry.RegisterJobsAsync([NewJob("one"), After("two", "old", "one"), After("three", "two")], Cancel);
        var builder = await BuilderAsync();
        var order = new List<string>();

        while (await Registry.ClaimNextTaskAsync(builder, Cancel) is { } task)
        {
            order.Add(task.Job.ToString());
            await FinishAsync(task, BuildTaskState.Success);
        }

        order.Should().Equal("old", "one", "two", "three");
    }

    [Fact]
    public async Task Platforms_wait_each_for_themselves()
    {
        await RegisterAsync("one", Bookworm, Fedora);
        await RegisterAsync(NewJob("last", Bookworm, Fedora), job => job with { After = [JobId.Parse("one")] });
        var builder = await BuilderAsync();
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Success);

        (await NextAsync(builder)).Should().Be("last");
        (await NextAsync(await BuilderAsync("f1", Fedora))).Should().Be("one");
    }

    [Fact]
    public async Task A_job_cannot_wait_for_one_that_is_not_there()
    {
        await FluentActions
            .Awaiting(() => RegisterAfterAsync("last", "nobody"))
            .Should()
            .ThrowAsync<UnknownJobException>()
            .WithMessage("*'nobody'*");

        (await Registry.FindJobAsync(JobId.Parse("last"), Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task What_holds_up_the_longest_chain_is_built_first()
    {
        await LearnAsync("short", 10);
        await LearnAsync("long", 1000);
        await RegisterSourceAsync("alone", "long");
        await RegisterSourceAsync("head", "short");
        await RegisterSourceAsync("middle", "short", "head");
        await RegisterSourceAsync("tail", "long", "middle");
        await RegisterSourceAsync("other", "short");
        await RegisterSourceAsync("after-other", "short", "other");
        var builder = await BuilderAsync();
        var order = new List<string>();

        while (await Registry.ClaimNextTaskAsync(builder, Cancel) is { } task)
        {
            order.Add(task.Job.ToString());
            await FinishAsync(task, BuildTaskState.Success);
        }

        order.Should().Equal("head", "middle", "other", "alone", "tail", "after-other");
    }

    [Fact]
    public async Task Estimates_are_learnt_and_follow_what_builds_take()
    {
        await LearnAsync("hello", 60);
        await RegisterSourceAsync("first", "hello");
        var first = (await Registry.ExplainAsync(JobId.Parse("first"), Cancel)).Single();
        await LearnAgainAsync("hello", 120);
        await RegisterSourceAsync("second", "hello");

        var second = (await Registry.ExplainAsync(JobId.Parse("second"), Cancel)).Single();

        first.Estimate.Should().Be(TimeSpan.FromSeconds(60));
        second.Estimate.Should().Be(TimeSpan.FromSeconds(80), "the last build weighs a third");
        (await ExplainAsync("learn-unknown", "unknown")).Estimate.Should().BeNull();
    }

    private async Task<Waiting> ExplainAsync(string id, string source)
    {
        await RegisterSourceAsync(id, source);
        return (await Registry.ExplainAsync(JobId.Parse(id), Cancel)).Single();
    }

    private async Task LearnAgainAsync(string source, int seconds)
    {
        var task = await ClaimAsync(await BuilderAsync());
        var durations = new Dictionary<string, TimeSpan> { [source] = TimeSpan.FromSeconds(seconds) };
        await Registry.FinishTaskAsync(task.Lease, Result(BuildTaskState.Fail) with { Durations = durations }, Cancel);
    }
}
