using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>Builds that do not end, or leave something behind: each is stopped by its limit and harms nobody.</summary>
public sealed class MisbehavingBuildTests : RealFarmTests
{
    private const string Limits = "limits: { time: 20s, silence: 5s, log: 1M, root: 200M, processes: 200 }";

    [Theory]
    [InlineData("bad-hang", "no-output")]
    [InlineData("bad-output", "log-limit")]
    [InlineData("bad-disk", "disk-full")]
    public async Task A_build_is_stopped_at_its_limit(string name, string cause)
    {
        var farm = await MakeRealFarmAsync(Limits);
        var job = await BuildAsync(farm, Deb1, "bad", $"{name}_1.0.dsc");

        job.State.Should().Be("failed");
        job.Task.Last.Cause.Should().Be(cause, await WhyAsync(farm, "bad"));
        job.Task.Attempts.Should().ContainSingle("it is the package's own failure");
        farm.Log("bad", "bookworm-amd64").Length.Should().BeLessThan(2 << 20);
        (await BuildAsync(farm, Deb1, "next", "good-quick_1.0.dsc")).State.Should().Be("successful");
    }

    [Fact]
    public async Task A_build_that_forks_without_end_is_ended_by_a_limit()
    {
        var farm = await MakeRealFarmAsync(Limits);
        var job = await BuildAsync(farm, Deb1, "bad", "bad-fork_1.0.dsc");

        job.State.Should().Be("failed");
        job.Task.Last.Cause.Should().BeOneOf(["no-output", "timeout"], await WhyAsync(farm, "bad"));
        (await BuildAsync(farm, Deb1, "next", "good-quick_1.0.dsc")).State.Should().Be("successful");
    }

    [Fact]
    public async Task What_a_build_leaves_running_ends_with_it()
    {
        var farm = await MakeRealFarmAsync(Limits);
        var job = await BuildAsync(farm, Deb1, "daemon", "bad-daemon_1.0.dsc");

        job.State.Should().Be("successful", await WhyAsync(farm, "daemon"));
        Bucket.Debian(farm).Should().Equal("bad-daemon_1.0_amd64.deb");
        (await Remains.RunningAsync($"{Cache.Work}/builders/{Deb1}")).Should().BeEmpty();
    }
}
