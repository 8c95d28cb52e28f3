using AwesomeAssertions;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>Roots that are written to a disk: bounded as those in memory, and gone when the build is.</summary>
public sealed class DiskTopTests : RealFarmTests
{
    private const string Limits = "limits: { time: 2m, silence: 60s, root: 300M, top: disk }";

    [Fact]
    public async Task A_build_on_the_disk_succeeds_and_leaves_nothing_there()
    {
        var farm = await MakeRealFarmAsync(Limits);
        var job = await BuildAsync(farm, Deb1, "good", "good-quick_1.0.dsc");

        job.State.Should().Be("successful", await WhyAsync(farm, "good"));
        (await farm.DoAsync("log", "good")).Should().Contain("its top is on the disk: so the configuration says");
        TopsOf(Deb1).Should().BeEmpty();
    }

    [Fact]
    public async Task A_build_that_fills_the_disk_is_stopped_at_its_limit_and_leaves_nothing_there()
    {
        var farm = await MakeRealFarmAsync(Limits);
        var job = await BuildAsync(farm, Deb1, "bad", "bad-disk_1.0.dsc");

        job.Task.Last.Cause.Should().Be("disk-full", await WhyAsync(farm, "bad"));
        job.Task.Last.Message.Should().Contain("stopped at 300 MiB in the root, which is the limit");
        job.Task.Attempts.Should().ContainSingle("it is the package's own failure");
        TopsOf(Deb1).Should().BeEmpty();
    }

    [Fact]
    public async Task What_a_killed_builder_has_left_on_the_disk_goes_with_its_next_build_there()
    {
        var farm = await MakeRealFarmAsync(Limits);
        await farm.SubmitAsync("hang", Cache.Source("bad-hang_1.0.dsc"));
        await farm.DoAsync("incoming");
        var builder = farm.Start("buildd", "--name", Deb1);
        await InBuildAsync(farm, "hang");
        TopsOf(Deb1).Should().ContainSingle("the build is there");
        builder.Send(Signal.Kill);
        await builder.EndAsync();
        await farm.DoAsync("cancel", "hang");
        TopsOf(Deb1).Should().ContainSingle("nobody was there to remove it");

        (await BuildAsync(farm, Deb1, "next", "good-quick_1.0.dsc")).State.Should().Be("successful");

        TopsOf(Deb1).Should().BeEmpty();
    }

    [Fact]
    public async Task A_script_of_a_dependency_that_fills_the_disk_is_stopped_at_the_limit_of_the_build()
    {
        var farm = await MakeRealFarmAsync("limits: { time: 2m, silence: 60s, root: 300M }");
        var filler = new NativeSource("filler", "true")
        {
            AfterInstallation = "#!/bin/sh\nexec dd if=/dev/zero of=/var/filling bs=1M\n",
        };
        var after = new NativeSource("after", "true") { Needs = "filler" };
        var sources = $"{farm.Directory}/sources";
        await farm.SubmitAsync("chain", filler.Write(sources), after.Write(sources));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, Deb1);

        var job = await farm.StatusAsync("chain");
        job.Task.Last.Cause.Should().Be("disk-full", await WhyAsync(farm, "chain"));
        job.Task.Attempts.Should().ContainSingle("it is the package's own failure");
    }

    [Fact]
    public async Task A_source_that_is_killed_for_what_it_has_written_in_memory_is_built_again_on_the_disk()
    {
        Executable.RequireUser();
        var group = Keep(await DelegatedGroup.MakeAsync());
        var farm = await MakeRealFarmAsync("limits: { memory: 256M, root: 600M, silence: 60s }");
        // The machine remembers what a source of this name has written: no other run is to have built it.
        var greedy = new NativeSource($"greedy{Guid.NewGuid():N}", "dd if=/dev/zero of=filling bs=1M count=400");
        await farm.SubmitAsync("greedy", greedy.Write($"{farm.Directory}/sources"));
        await farm.DoAsync("incoming");
        (await group.Start(farm, "buildd", "--name", Deb1).EndAsync(LongestBuild)).ExitCode.Should().Be(0);

        var job = await farm.StatusAsync("greedy");
        job.State.Should().Be("successful", await WhyAsync(farm, "greedy"));
        job.Task.Attempts.Should().ContainSingle();
        (await farm.DoAsync("log", "greedy"))
            .Should()
            .Contain("failed: out-of-memory: stopped at 256 MiB of memory")
            .And.MatchRegex("its top is on the disk: the last build wrote [0-9]+ MiB in it, and 128 MiB of memory");
    }
}
