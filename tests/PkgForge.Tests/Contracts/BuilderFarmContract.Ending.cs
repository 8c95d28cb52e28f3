using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server;
using PkgForge.Server.Builders;
using PkgForge.Tests.Logs;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class BuilderFarmContract
{
    [Fact]
    public async Task A_success_is_committed_with_its_products_its_mail_and_what_was_learnt()
    {
        await Site.RegisterAsync("job-1", change: job => job with { Report = ["ann@example.org"] });
        var builder = await AttachAsync();
        var task = await builder.ClaimAsync();
        var product = await builder.HandOverAsync(task);

        (await builder.FinishAsync(task, Success(product))).Should().Be(new EndOutcome(BuildTaskState.Success, null));

        var ended = await Site.TaskAsync("job-1");
        (ended.State, ended.Attempts.Single().Outcome).Should().Be((BuildTaskState.Success, AttemptOutcome.Success));
        (await Site.JobAsync("job-1")).Job.State.Should().Be(JobState.Successful);
        (await Site.NumberAsync($"SELECT size FROM product WHERE file_name = 'a.txt' AND sha256 = '{product.Sha256}'"))
            .Should()
            .Be(2);
        (await Site.MailsAsync()).Should().Be(1);
        (await Site.NumberAsync("SELECT milliseconds FROM duration WHERE source = 'a'")).Should().Be(7_000);
        var log = (await Site.LogTextAsync(task, Cancel)).TrimEnd('\n').Split('\n');
        log.Should().HaveCount(3);
        log[0].Should().Be("building");
        log[1].Should().Contain("published in bucket main, snapshot ");
        log[2].Should().MatchRegex(@"^==> \d\d:\d\d:\d\d job-1 on dummy-all: success$");
    }

    [Fact]
    public async Task Only_of_its_own_sources_something_is_learnt()
    {
        var (builder, task) = await HoldAsync();
        var product = await builder.HandOverAsync(task);
        var others = new SourceResult("others.dummy", null, TimeSpan.FromDays(100));

        await builder.FinishAsync(task, Success(product) with { Sources = [.. Success().Sources, others] });

        (await Site.NumberAsync("SELECT count(*) FROM duration WHERE source = 'a'")).Should().Be(1);
        (await Site.NumberAsync("SELECT count(*) FROM duration WHERE source <> 'a'")).Should().Be(0);
    }

    [Fact]
    public async Task A_fail_carries_its_cause_and_what_was_handed_over_is_nobodys_result()
    {
        var (builder, task) = await HoldAsync();
        await builder.HandOverAsync(task);

        (await builder.FinishAsync(task, Fail)).Should().Be(new EndOutcome(BuildTaskState.Fail, null));

        var attempt = (await Site.TaskAsync("job-1")).Attempts.Single();
        attempt
            .Should()
            .BeEquivalentTo(
                new
                {
                    Outcome = AttemptOutcome.Fail,
                    Fail.Cause,
                    Fail.Evidence,
                    Fail.Place,
                    Fail.Message,
                }
            );
        (await Site.ProductsAsync()).Should().Be(0);
        File.Exists($"{Site.Results(task).Products}/a.txt").Should().BeTrue("it is kept beside the log");
        (await Site.LogTextAsync(task, Cancel)).Should().EndWith("job-1 on dummy-all: fail\n");
    }

    [Fact]
    public async Task A_task_that_was_cancelled_ends_so_also_before_it_has_a_log()
    {
        var (builder, task) = await HoldAsync();
        await Site.CancelAsync("job-1");

        (await builder.FinishAsync(task, Cancelled)).State.Should().Be(BuildTaskState.Cancelled);

        (await Site.TaskAsync("job-1")).Attempts.Single().Outcome.Should().Be(AttemptOutcome.Cancelled);
        (await Site.JobAsync("job-1")).Job.State.Should().Be(JobState.Cancelled);
        Directory.Exists(Site.Results(task).Path).Should().BeFalse();
    }

    [Theory]
    [InlineData(BuildTaskState.Success)]
    [InlineData(BuildTaskState.Fail)]
    [InlineData(BuildTaskState.Cancelled)]
    public async Task An_end_that_is_told_again_is_the_same_end(BuildTaskState state)
    {
        await Site.RegisterAsync("job-1", change: job => job with { Report = ["ann@example.org"] });
        var builder = await AttachAsync();
        var task = await builder.ClaimAsync();
        var product = await builder.HandOverAsync(task);
        var end =
            state == BuildTaskState.Success ? Success(product)
            : state == BuildTaskState.Fail ? Fail
            : Cancelled;
        var first = await builder.FinishAsync(task, end);
        await MailsAreTakenAsync();
        var before = await Site.EverythingAsync();

        (await builder.FinishAsync(task, end)).Should().Be(first);

        (await Site.EverythingAsync()).Should().Equal(before);
    }

    [Fact]
    public async Task A_product_that_was_not_handed_over_ends_nothing_and_is_named()
    {
        var (builder, task) = await HoldAsync();
        var product = await builder.HandOverAsync(task);
        foreach (
            var (wrong, name) in new[]
            {
                (product with { FileName = "b.txt" }, "b.txt"),
                (product with { Size = 3 }, "a.txt"),
                (product with { FileName = "../log" }, "../log"),
            }
        )
            await builder
                .Awaiting(one => one.FinishAsync(task, Success(product, wrong)))
                .Should()
                .ThrowAsync<FarmFaultException>()
                .WithMessage($"*'{name}'*");

        (await Site.TaskAsync("job-1")).State.Should().Be(BuildTaskState.Building);
        (await builder.FinishAsync(task, Success(product))).State.Should().Be(BuildTaskState.Success);
    }

    [Fact]
    public async Task An_interrupted_task_waits_again_and_its_log_stays()
    {
        var (builder, task) = await HoldAsync();
        await builder.HandOverAsync(task);

        (await builder.Farm.PutBackAsync(task, AttemptOutcome.Interrupted, "stopped", Cancel))
            .Should()
            .Be(RequeueOutcome.PutBack);

        var back = await Site.TaskAsync("job-1");
        back.State.Should().Be(BuildTaskState.NeedsBuild);
        back.Attempts.Single()
            .Should()
            .BeEquivalentTo(new { Outcome = AttemptOutcome.Interrupted, Message = "stopped" });
        (await Site.LogTextAsync(task, Cancel)).Should().Be("building\n");
        (await builder.ClaimAsync()).Attempt.Should().Be(2);
    }

    [Fact]
    public async Task A_task_that_the_farm_fails_again_and_again_is_given_up_with_a_mail()
    {
        await Site.RegisterAsync("job-1", change: job => job with { Report = ["ann@example.org"] });
        var builder = await AttachAsync();
        var became = new List<RequeueOutcome>();
        for (var i = 0; i < 3; i++)
            became.Add(
                await builder.Farm.PutBackAsync(await builder.ClaimAsync(), AttemptOutcome.FarmFault, "no disk", Cancel)
            );

        became.Should().Equal(RequeueOutcome.PutBack, RequeueOutcome.PutBack, RequeueOutcome.GivenUp);
        (await Site.TaskAsync("job-1")).State.Should().Be(BuildTaskState.Fail);
        (await Site.MailsAsync()).Should().Be(1);
    }

    [Fact]
    public async Task A_task_that_is_refused_is_offered_to_others_and_costs_nothing()
    {
        var (first, task) = await HoldAsync();
        var second = await AttachAsync("b2");

        (await first.Farm.RefuseAsync(task, "no room for a root", Cancel)).Should().BeTrue();

        (await first.Farm.ClaimAsync(first.Session, Cancel)).Should().BeNull("it is not asked again");
        (await second.ClaimAsync()).Job.Should().Be(task.Job);
        (await Site.NumberAsync("SELECT faults FROM task")).Should().Be(0);
        (await Site.NumberAsync("SELECT count(*) FROM refusal WHERE reason = 'no room for a root'")).Should().Be(1);
    }

    [Fact]
    public async Task A_lease_of_yesterday_changes_nothing()
    {
        await Site.RegisterAsync("job-1", change: job => job with { Report = ["ann@example.org"] });
        var late = await AttachAsync();
        var task = await late.ClaimAsync();
        var product = await late.HandOverAsync(task);
        await LoseAsync();
        var before = await Site.EverythingAsync();

        (await late.Farm.HeartbeatAsync(task, Cancel)).Should().Be(LeaseAnswer.Lost);
        (await late.FinishAsync(task, Success(product))).Should().Be(new EndOutcome(null, null));
        (await late.FinishAsync(task, Fail)).State.Should().BeNull();
        (await late.FinishAsync(task, Cancelled)).State.Should().BeNull();
        (await late.Farm.PutBackAsync(task, AttemptOutcome.FarmFault, "late", Cancel))
            .Should()
            .Be(RequeueOutcome.Refused);
        (await late.Farm.RefuseAsync(task, "late", Cancel)).Should().BeFalse();

        (await Site.EverythingAsync()).Should().Equal(before);
    }

    /// <summary>Waits until the farm has tried to send what there is: that writes to the mails' rows.</summary>
    private async Task MailsAreTakenAsync()
    {
        while (await Site.NumberAsync("SELECT count(*) FROM outbox WHERE tries = 0") > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(5), Cancel);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_log_of_an_attempt_that_has_ended_is_stored(bool isPutBack)
    {
        var (builder, task) = await HoldAsync();
        var content = SomeLog.Of(300_000);
        await using (var store = await builder.OpenStoreAsync(task))
        {
            await File.WriteAllBytesAsync(store.LogPath, content, Cancel);
            store.LogGrew();
            await store.FlushAsync(Cancel);
        }
        var log = Site.Results(task).Log;
        File.Exists(log).Should().BeTrue("it is plain as long as the build may print");

        if (isPutBack)
            await builder.Farm.PutBackAsync(task, AttemptOutcome.Interrupted, "stopped", Cancel);
        else
            await builder.FinishAsync(task, Fail);

        await UntilAsync(() => !File.Exists(log) && Site.NotedLogs.Count == 0);
        File.Exists($"{log}.zst").Should().BeTrue();
        SomeLog.Read(log)[..content.Length].Should().Equal(content);
    }

    [Fact]
    public async Task The_log_of_an_attempt_that_was_lost_is_stored_by_whoever_comes_next()
    {
        var (builder, task) = await HoldAsync();
        await using (var store = await builder.OpenStoreAsync(task))
        {
            await File.WriteAllBytesAsync(store.LogPath, SomeLog.Of(300_000), Cancel);
            store.LogGrew();
            await store.FlushAsync(Cancel);
        }
        await LoseAsync();

        await using (var next = new LocalFarm(Site.Farm))
            await next.AttachAsync("d1", "two", Cancel);

        // The farm of the builder that has the task now may have been at it, too.
        await UntilAsync(() => !File.Exists(Site.Results(task).Log) && Site.NotedLogs.Count == 0);
        SomeLog.Read(Site.Results(task).Log).Should().HaveCount(300_000);
        Directory
            .EnumerateFiles(Site.Results(task).Path)
            .Select(path => Path.GetFileName(path))
            .Should()
            .Equal("log.zst");
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            TimeProvider.System.GetElapsedTime(started).Should().BeLessThan(Long);
            await Task.Delay(20, Cancel);
        }
    }
}
