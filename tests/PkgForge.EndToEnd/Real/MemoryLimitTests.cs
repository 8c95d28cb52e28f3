using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>Builders in a control group that is delegated to them: what limits of memory and processes do to real builds.</summary>
public sealed class MemoryLimitTests : RealFarmTests
{
    private const string Limits = "limits: { time: 3m, silence: 60s, memory: 512M, root: 300M, processes: 200 }";

    [Fact]
    public async Task A_build_that_takes_all_memory_is_stopped_and_its_neighbour_succeeds()
    {
        var (group, farm) = await MakeDelegatedFarmAsync();
        await farm.DoAsync("builder", "add", $"{Deb1}b", "bookworm", "amd64");
        await farm.SubmitAsync("neighbour", Cache.Source("hello_2.10-3.dsc"));
        await farm.DoAsync("incoming");
        var neighbour = group.Start(farm, "buildd", "--name", $"{Deb1}b");
        await InBuildAsync(farm, "neighbour", "build: dpkg-buildpackage");
        await farm.SubmitAsync("bomb", Cache.Source("bad-memory_1.0.dsc"));
        await farm.DoAsync("incoming");
        (await group.Start(farm, "buildd", "--name", Deb1).EndAsync(LongestBuild)).ExitCode.Should().Be(0);

        var bomb = await farm.StatusAsync("bomb");
        bomb.Task.Last.Cause.Should().Be("out-of-memory", await WhyAsync(farm, "bomb"));
        bomb.Task.Last.Message.Should().Contain("stopped at 512 MiB of memory, the limit");
        (await farm.StatusAsync("neighbour")).State.Should().Be("building", "it was there all the time");
        bomb.Task.Attempts.Should().ContainSingle("it is the package's own failure");
        (await neighbour.EndAsync(LongestBuild)).ExitCode.Should().Be(0);
        (await farm.StatusAsync("neighbour")).State.Should().Be("successful", await WhyAsync(farm, "neighbour"));
        group.OfBuilds().Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_written_in_the_root_counts_and_the_message_says_so()
    {
        var (group, farm) = await MakeDelegatedFarmAsync(
            "limits: { memory: 256M, root: 2G, top: memory, silence: 60s }"
        );
        await BuildInAsync(group, farm, "filler", "bad-disk_1.0.dsc");

        var filler = await farm.StatusAsync("filler");
        filler.Task.Last.Cause.Should().Be("out-of-memory", await WhyAsync(farm, "filler"));
    }

    [Fact]
    public async Task A_build_within_its_limits_succeeds_and_its_log_says_what_enforces_them()
    {
        var (group, farm) = await MakeDelegatedFarmAsync();
        await BuildInAsync(group, farm, "good", "good-quick_1.0.dsc");

        (await farm.StatusAsync("good")).State.Should().Be("successful", await WhyAsync(farm, "good"));
        (await farm.DoAsync("log", "good"))
            .Should()
            .Contain("512 MiB of memory (by control group)")
            .And.Contain("200 processes (by control group)");
    }

    [Fact]
    public async Task A_build_that_forks_without_end_meets_the_limit_of_its_group()
    {
        var (group, farm) = await MakeDelegatedFarmAsync("limits: { silence: 8s, memory: 2G, processes: 200 }");
        await farm.SubmitAsync("fork", Cache.Source("bad-fork_1.0.dsc"));
        await farm.DoAsync("incoming");
        var builder = group.Start(farm, "buildd", "--name", Deb1);
        await InBuildAsync(farm, "fork");
        var pids = await group.OfBuildWithAsync("pids.max");
        var refused = await UntilRefusedAsync($"{pids}/pids.events");

        refused.Should().BePositive("the group refuses processes");
        int.Parse(await File.ReadAllTextAsync($"{pids}/pids.current")).Should().BeInRange(150, 216);
        (await builder.EndAsync(LongestBuild)).ExitCode.Should().Be(0);
        var job = await farm.StatusAsync("fork");
        job.Task.Last.Cause.Should().BeOneOf(["no-output", "timeout"], await WhyAsync(farm, "fork"));
    }

    [Fact]
    public async Task The_groups_of_a_killed_builder_are_removed_at_its_next_start()
    {
        var (group, farm) = await MakeDelegatedFarmAsync("limits: { silence: 5s, memory: 512M }");
        await farm.SubmitAsync("hang", Cache.Source("bad-hang_1.0.dsc"));
        await farm.DoAsync("incoming");
        var builder = group.Start(farm, "buildd", "--name", Deb1);
        await InBuildAsync(farm, "hang");
        var before = group.OfBuilds();
        builder.Send(Signal.Kill);
        await builder.EndAsync();
        (await Remains.RunningAsync($"{Cache.Work}/builders/{Deb1}")).Should().BeEmpty();
        group.OfBuilds().Should().Equal(before, "nobody was there to remove them");
        await farm.DoAsync("cancel", "hang");
        var next = group.Start(farm, "buildd", "--name", Deb1, "--daemon");
        await next.SaysAsync($"buildd {Deb1} is running");

        group.OfBuilds().Should().BeEmpty();
        await next.StopAsync();
    }

    [Fact]
    public async Task Without_a_delegated_group_a_limit_of_memory_is_refused_and_never_forgotten()
    {
        var farm = await MakeRealFarmAsync(Limits);
        await farm.SubmitAsync("good", Cache.Source("good-quick_1.0.dsc"));
        await farm.DoAsync("incoming");
        var builder = await farm.Start("buildd", "--name", Deb1).EndAsync(LongestBuild);

        builder.Error.Should().Contain("no control group is delegated to this builder");
        builder.Error.Should().Contain("refused").And.Contain("a limit of memory (512 MiB) is configured");
        var job = await farm.StatusAsync("good");
        job.Task.State.Should().Be("needs build", "another builder may have what it needs");
    }

    private async Task<(DelegatedGroup Group, TestFarm Farm)> MakeDelegatedFarmAsync(string limits = Limits)
    {
        Executable.RequireUser();
        var group = Keep(await DelegatedGroup.MakeAsync());
        return (group, await MakeRealFarmAsync(limits));
    }

    private async Task BuildInAsync(DelegatedGroup group, TestFarm farm, string id, string source)
    {
        await farm.SubmitAsync(id, Cache.Source(source));
        await farm.DoAsync("incoming");
        var built = await group.Start(farm, "buildd", "--name", Deb1).EndAsync(LongestBuild);
        built.ExitCode.Should().Be(0, "but it printed:\n{0}", built);
        group.OfBuilds().Should().BeEmpty();
    }

    private static async Task<int> UntilRefusedAsync(string events)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var refused = int.Parse((await File.ReadAllTextAsync(events)).Split(' ', '\n')[1]);
            if (refused > 0 || TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(6))
                return refused;
            await Task.Delay(50);
        }
    }
}
