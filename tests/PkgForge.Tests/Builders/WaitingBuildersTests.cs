using System.Collections.Concurrent;
using AwesomeAssertions;
using Microsoft.Extensions.Time.Testing;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builders;
using PkgForge.Tests.Contracts;
using Xunit;

namespace PkgForge.Tests.Builders;

/// <summary>What the builders of a process cost while they wait, and what is noticed meanwhile; by a clock that the test moves.</summary>
public sealed class WaitingBuildersTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider time = new();
    private readonly ConcurrentQueue<string> calls = new();
    private FarmUnderTest site = null!;
    private LocalFarm farm = null!;
    private bool registryIsAway;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync(time);
        var registry = Intercepted<IRegistry>.Create(
            site.Registry,
            name =>
            {
                calls.Enqueue(name);
                if (registryIsAway)
                    throw new RegistryUnavailableException("away");
            }
        );
        // Without mail: its retries are statements, too.
        farm = new(
            site.Farm with
            {
                Registry = registry,
                Configuration = site.Farm.Configuration with { Mail = null },
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        await farm.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task A_hundred_that_wait_cost_one_statement_in_two_minutes()
    {
        for (var i = 0; i < 100; i++)
            await site.Registry.AddBuilderAsync($"w{i}", FarmUnderTest.Dummy, default);
        var waits = new List<Task<bool>>();
        for (var i = 0; i < 100; i++)
            waits.Add(farm.WaitAsync(await IdleAsync($"w{i}"), Hour, default));
        // The look for leases that were taken while they claimed.
        await PassAsync(TimeSpan.FromSeconds(31), calls: 1);
        await site.ExecuteAsync("UPDATE builder SET last_seen = 1");

        for (var minute = 0; minute < 10; minute += 2)
            await PassAsync(TimeSpan.FromMinutes(1.99), calls: 1);

        calls.Should().OnlyContain(name => name == "BeatAsync").And.HaveCount(6);
        await AllSeenAsync("w%");
        waits.Should().OnlyContain(wait => !wait.IsCompleted);
    }

    [Fact]
    public async Task Whose_name_was_taken_by_another_process_is_told_within_two_minutes()
    {
        var wait = farm.WaitAsync(await IdleAsync("b1"), Hour, default);
        await site.ExecuteAsync("UPDATE builder SET session = session + 1 WHERE name = 'b1'");

        await PassAsync(TimeSpan.FromMinutes(2), calls: 1);

        await FluentActions.Awaiting(() => wait.WaitAsync(Long)).Should().ThrowAsync<BuilderRefusedException>();
    }

    [Fact]
    public async Task A_lease_that_another_process_lets_run_out_is_noticed_when_it_does()
    {
        var session = await IdleAsync("b1");
        var wait = farm.WaitAsync(session, Hour, default);
        // Taken behind the back of who waits, e.g. by who was woken with him and was faster.
        await site.RegisterAsync("job-1");
        await wait.WaitAsync(Long);
        var others = (await site.Registry.AttachBuilderAsync("b2", "two", default)).Session!;
        (await site.Registry.ClaimNextTaskAsync(others, default)).Should().NotBeNull();
        (await farm.ClaimAsync(session, default)).Should().BeNull();
        wait = farm.WaitAsync(session, Hour, default);
        await site.ExpireLeasesAsync();

        time.Advance(TimeSpan.FromSeconds(31));

        (await wait.WaitAsync(Long)).Should().BeTrue();
        var claim = await farm.ClaimAsync(session, default);
        // The registration may wake twice, the second time late: a wake-up is a hint.
        if (claim is null)
        {
            (await farm.WaitAsync(session, Hour, default).WaitAsync(Long)).Should().BeTrue();
            claim = await farm.ClaimAsync(session, default);
        }
        claim!.Attempt.Should().Be(2);
    }

    [Fact]
    public async Task A_lease_that_runs_out_while_all_are_busy_is_noticed_within_the_time_of_a_lease_and_then_no_more_is_asked()
    {
        await site.RegisterAsync("job-1");
        await site.RegisterAsync("job-2");
        var others = (await site.Registry.AttachBuilderAsync("b2", "two", default)).Session!;
        (await site.Registry.ClaimNextTaskAsync(others, default)).Should().NotBeNull();
        await site.ExpireLeasesAsync();
        var busy = (await farm.AttachAsync("b1", "one", default)).Session;
        (await farm.ClaimAsync(busy, default)).Should().NotBeNull();

        await PassAsync(TimeSpan.FromSeconds(30), calls: 1);

        using var late = new CancellationTokenSource(Long);
        while ((await site.TaskAsync("job-1")).State != BuildTaskState.NeedsBuild)
            await Task.Delay(TimeSpan.FromMilliseconds(2), late.Token);
        calls.Clear();
        // Who builds for hours costs nothing.
        for (var minute = 0; minute < 60; minute += 4)
        {
            time.Advance(TimeSpan.FromMinutes(4));
            await Task.Delay(TimeSpan.FromMilliseconds(5), late.Token);
        }
        calls.Should().BeEmpty();
    }

    [Fact]
    public async Task A_wake_up_that_got_lost_is_made_up_for_within_two_minutes()
    {
        var session = await IdleAsync("b1");
        var wait = farm.WaitAsync(session, Hour, default);
        // The file that is written to wake cannot be.
        File.Delete($"{site.Root}/registry.db.wake");
        Directory.CreateDirectory($"{site.Root}/registry.db.wake");
        await site.RegisterAsync("job-1");
        wait.IsCompleted.Should().BeFalse();

        await PassAsync(TimeSpan.FromSeconds(121), calls: 1);

        (await wait.WaitAsync(Long)).Should().BeTrue();
    }

    [Fact]
    public async Task A_registry_that_is_away_for_a_while_is_asked_again()
    {
        var session = await IdleAsync("b1");
        var wait = farm.WaitAsync(session, Hour, default);
        registryIsAway = true;
        await PassAsync(TimeSpan.FromMinutes(2), calls: 1);
        await PassAsync(TimeSpan.FromSeconds(1), calls: 1);
        registryIsAway = false;
        await site.ExecuteAsync("UPDATE builder SET session = session + 1 WHERE name = 'b1'");

        await PassAsync(TimeSpan.FromSeconds(2), calls: 1);

        await FluentActions.Awaiting(() => wait.WaitAsync(Long)).Should().ThrowAsync<BuilderRefusedException>();
    }

    [Fact]
    public async Task Who_has_gone_without_a_word_is_not_kept_alive()
    {
        var (gone, there) = (await IdleAsync("b1"), await IdleAsync("b2"));
        using var cut = new CancellationTokenSource();
        var lost = farm.WaitAsync(gone, Hour, cut.Token);
        var wait = farm.WaitAsync(there, Hour, default);
        await cut.CancelAsync();
        await FluentActions.Awaiting(() => lost).Should().ThrowAsync<OperationCanceledException>();
        await PassAsync(TimeSpan.FromSeconds(121), calls: 1);
        await site.ExecuteAsync("UPDATE builder SET last_seen = 1");

        await PassAsync(TimeSpan.FromSeconds(121), calls: 1);

        await AllSeenAsync("b2");
        (await site.NumberAsync("SELECT count(*) FROM builder WHERE last_seen = 1 AND name = 'b1'")).Should().Be(1);
        wait.IsCompleted.Should().BeFalse();
    }

    /// <summary>A builder that has claimed nothing.</summary>
    private async Task<BuilderSession> IdleAsync(string name)
    {
        var session = (await farm.AttachAsync(name, "one", default)).Session;
        (await farm.ClaimAsync(session, default)).Should().BeNull();
        calls.Clear();
        return session;
    }

    /// <summary>Waits until the beat that was begun has been noted for all whose names are like this.</summary>
    private async Task AllSeenAsync(string names)
    {
        using var late = new CancellationTokenSource(Long);
        while (await site.NumberAsync($"SELECT count(*) FROM builder WHERE last_seen = 1 AND name LIKE '{names}'") > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(2), late.Token);
    }

    /// <summary>
    /// Lets time pass, and waits until the registry was asked so often for it. What sets its alarm only after the time has moved gets a little more of it.
    /// </summary>
    private async Task PassAsync(TimeSpan by, int calls)
    {
        var before = this.calls.Count;
        time.Advance(by);
        using var late = new CancellationTokenSource(Long);
        while (this.calls.Count < before + calls)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), late.Token);
            time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }
}
