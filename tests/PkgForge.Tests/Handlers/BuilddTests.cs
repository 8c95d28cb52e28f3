using System.Collections.Concurrent;
using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Handlers;
using PkgForge.Sources;
using PkgForge.Tests.Builders;
using PkgForge.Tests.Contracts;
using PkgForge.Tests.Spool;
using Xunit;

namespace PkgForge.Tests.Handlers;

/// <summary>A builder at work, against the farm of its own machine.</summary>
public sealed class BuilddTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> calls = new();
    private FarmUnderTest site = null!;
    private Farm farm = null!;
    private LocalFarm local = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        // As often as a farm that is away is asked again.
        farm = site.Farm with
        {
            Configuration = site.Farm.Configuration with { Heartbeat = TimeSpan.FromMilliseconds(50) },
        };
        local = new(farm);
    }

    public async ValueTask DisposeAsync()
    {
        await local.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task A_task_is_built_and_ended_and_nothing_of_it_stays_with_the_builder()
    {
        await site.RegisterAsync("job-1", "print hello\nproduct a.txt a\nclock");
        await RunAsync();

        (await site.TaskAsync("job-1")).State.Should().Be(BuildTaskState.Success);
        (await File.ReadAllTextAsync($"{Results}/products/a.txt", Cancel)).Should().Be("a\n");
        var log = await File.ReadAllLinesAsync($"{Results}/log", Cancel);
        log[0].Should().EndWith("job-1 on dummy-all, attempt 1");
        log[1].Should().EndWith("source: a.dummy");
        log[2].Should().Be("hello");
        var clock = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(log[3]) / 1000);
        clock.Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
        log[^1].Should().EndWith("job-1 on dummy-all: success");
        Directory.EnumerateFileSystemEntries($"{site.Root}/work/builders/b1").Should().ContainSingle("the lock");
    }

    [Fact]
    public async Task What_was_built_before_a_failure_is_kept_beside_the_log()
    {
        await site.RegisterAsync("job-1", "product a.txt a", Twice("product b.txt b\nfail compile no"));
        await RunAsync();

        var attempt = (await site.TaskAsync("job-1")).Attempts.Single();
        (attempt.Outcome, attempt.Cause).Should().Be((AttemptOutcome.Fail, Cause.Compile));
        attempt.Message.Should().Be("b.dummy: no");
        File.Exists($"{Results}/products/a.txt").Should().BeTrue();
        (await site.ProductsAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_check_at_a_gate_fails_the_package_and_its_log_is_kept()
    {
        await site.RegisterAsync("job-1", "product bad-1-1.noarch.rpm no package");
        await RunAsync();

        (await site.TaskAsync("job-1")).Attempts.Single().Cause.Should().Be(Cause.Check);
        File.Exists($"{Results}/rpmlint.log").Should().BeTrue();
        File.Exists($"{Results}/products/bad-1-1.noarch.rpm").Should().BeTrue();
    }

    [Theory]
    [InlineData("FetchAsync")]
    [InlineData("OpenStoreAsync")]
    [InlineData("FinishAsync")]
    public async Task A_farm_that_is_away_for_a_while_costs_no_work(string call)
    {
        await site.RegisterAsync("job-1", "product a.txt a");
        var left = 3;
        await RunAsync(name =>
        {
            if (name == call && left-- > 0)
                throw new FarmUnavailableException("away");
        });

        left.Should().BeNegative();
        (await site.TaskAsync("job-1")).Attempts.Single().Outcome.Should().Be(AttemptOutcome.Success);
    }

    [Fact]
    public async Task Heartbeats_go_on_while_the_farm_is_away()
    {
        await site.RegisterAsync("job-1", "sleep 1");
        await RunAsync(name =>
        {
            if (name == "WaitForRequestAsync")
                throw new FarmUnavailableException("away");
        });

        calls.Count(name => name == "HeartbeatAsync").Should().BeGreaterThan(1);
        (await site.TaskAsync("job-1")).State.Should().Be(BuildTaskState.Success);
    }

    [Fact]
    public async Task A_lease_that_is_lost_at_the_end_changes_nothing_and_the_builder_goes_on()
    {
        await site.RegisterAsync("job-1", "product a.txt a");
        await RunAsync(name =>
        {
            if (name == "FinishAsync" && calls.Count(call => call == name) == 1)
                Lose().GetAwaiter().GetResult();
        });

        var task = await site.TaskAsync("job-1");
        task.State.Should().Be(BuildTaskState.Building);
        task.Attempts.Select(attempt => (attempt.Builder, attempt.Outcome))
            .Should()
            .Equal(("b1", AttemptOutcome.Lost), ("b2", AttemptOutcome.Running));
        calls.Should().Contain("ClaimAsync").And.NotContain("PutBackAsync");
    }

    [Fact]
    public async Task A_cancel_stops_a_build_at_once()
    {
        // Longer than the test may take: it is the request that is heard, not a heartbeat.
        await local.DisposeAsync();
        local = new(farm with { Configuration = farm.Configuration with { Heartbeat = TimeSpan.FromSeconds(15) } });
        await site.RegisterAsync("job-1", "hang");
        var run = RunAsync();
        // The first beat is over, the next one is far.
        while (!calls.Contains("HeartbeatAsync"))
            await Task.Delay(TimeSpan.FromMilliseconds(10), Cancel);
        var started = TimeProvider.System.GetTimestamp();
        await site.CancelAsync("job-1");
        await run;

        TimeProvider.System.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(8));
        (await site.TaskAsync("job-1")).State.Should().Be(BuildTaskState.Cancelled);
    }

    [Fact]
    public async Task A_source_that_is_not_the_manifests_is_the_farms_fault()
    {
        var job = await site.RegisterAsync("job-1", "print a");
        await File.AppendAllTextAsync($"{farm.Spool.Accepted.PathOf(job.Id)}/a.dummy", "print b\n", Cancel);
        await RunAsync();

        var task = await site.TaskAsync("job-1");
        task.State.Should().Be(BuildTaskState.Fail);
        task.Attempts.Should()
            .HaveCount(3)
            .And.OnlyContain(attempt =>
                attempt.Outcome == AttemptOutcome.FarmFault && attempt.Message!.Contains("a.dummy")
            );
    }

    [Fact]
    public async Task A_machine_without_room_refuses_the_task()
    {
        using var disk = SmallDisk.TryMount($"{site.Root}/small");
        Assert.SkipWhen(disk is null, "mounting a small file system needs root");
        await site.RegisterAsync("job-1", change: job => job with { Platforms = ["bookworm"] });
        var recipes = new Dictionary<PlatformKey, PlatformRecipe>
        {
            [FarmUnderTest.Bookworm] = new() { Format = PackageFormat.Debian },
        };
        var own = farm.Configuration with { Work = disk.Path, Platforms = recipes };
        await using (var builder = new Buildd(local, new(own, farm.Log, farm.Time), "d1"))
            await HandlerLoop.RunOnceAsync(builder, Cancel);

        (await site.TaskAsync("job-1")).State.Should().Be(BuildTaskState.NeedsBuild);
        (await site.NumberAsync("SELECT count(*) FROM refusal WHERE reason LIKE '%MiB left%'")).Should().Be(1);
    }

    [Fact]
    public async Task A_builder_of_a_platform_for_which_nobody_has_a_recipe_is_refused()
    {
        await using var builder = new Buildd(local, new(farm.Configuration, farm.Log, farm.Time), "d1");

        await builder
            .Awaiting(one => one.StartAsync(Cancel))
            .Should()
            .ThrowAsync<BuilderRefusedException>()
            .WithMessage("*bookworm-amd64*platform_recipes*");
    }

    private string Results => $"{farm.Spool.Results.Path}/job-1/dummy-all/1";

    /// <summary>One pass of the builder <c>b1</c>, with somebody who sees what it asks of the farm.</summary>
    private async Task RunAsync(Action<string>? before = null)
    {
        var seen = Intercepted<IBuilderFarm>.Create(
            local,
            name =>
            {
                calls.Enqueue(name);
                before?.Invoke(name);
            }
        );
        await using var builder = new Buildd(seen, new(farm.Configuration, farm.Log, farm.Time), "b1");
        await HandlerLoop.RunOnceAsync(builder, Cancel);
    }

    private async Task Lose()
    {
        await site.ExpireLeasesAsync();
        var other = (await site.Registry.AttachBuilderAsync("b2", "two", Cancel)).Session!;
        await site.Registry.ReleaseExpiredAsync(Cancel);
        (await site.Registry.ClaimNextTaskAsync(other, Cancel)).Should().NotBeNull();
    }

    /// <summary>A second source, <c>b.dummy</c>.</summary>
    private Func<Job, Job> Twice(string script) =>
        job =>
        {
            var text = $"name b 1.0\n{script}\n";
            var path = Directory.CreateDirectory(farm.Spool.Accepted.PathOf(job.Id)).FullName;
            File.WriteAllText($"{path}/b.dummy", text);
            var file = Jobs.SomeJob.File("b.dummy", text);
            return job with { Sources = [.. job.Sources, file.Name], Files = [.. job.Files, file] };
        };
}
