using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Spool;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>Kills builders in the middle of real builds and of publishing.</summary>
public sealed class RealCrashTests(PostgresFixture postgres) : RealFarmTests
{
    public static TheoryData<string> PublishPoints => new(FaultPoints.All.Where(name => name.StartsWith("publish.")));

    [Theory]
    [MemberData(nameof(PublishPoints))]
    public async Task A_debian_package_is_published_once_after_a_kill_at(string point)
    {
        var farm = await MakeRealFarmAsync();
        await KillAndRepeatAsync(farm, Deb1, point, "good-quick_1.0.dsc");

        Bucket.Debian(farm).Should().Equal("good-quick_1.0_amd64.deb");
    }

    [Theory]
    [MemberData(nameof(PublishPoints))]
    public async Task An_rpm_is_published_once_after_a_kill_at(string point)
    {
        var database = Keep(await FarmDatabase.CreateAsync(postgres));
        var farm = await MakeRealFarmAsync(registry: database.Registry);
        await KillAndRepeatAsync(farm, Rpm1, point, "greet-noarch-1.0-1.src.rpm");

        Bucket.Rpm(farm).Should().ContainSingle().Which.Should().StartWith("greet-noarch-1.0-1");
    }

    [Fact]
    public async Task A_builder_that_is_killed_in_a_build_leaves_nothing_running()
    {
        var farm = await MakeRealFarmAsync("limits: { silence: 5s }");
        await farm.SubmitAsync("hang", Cache.Source("bad-hang_1.0.dsc"));
        await farm.DoAsync("incoming");
        var builder = farm.Start("buildd", "--name", Deb1);
        await InBuildAsync(farm, "hang");
        builder.Send(Signal.Kill);
        await builder.EndAsync();

        (await Remains.RunningAsync(farm.Directory)).Should().BeEmpty();
        (await Remains.RunningAsync($"{Cache.Work}/builders/{Deb1}"))
            .Should()
            .BeEmpty("all of it dies with the builder");
        await BuildAllAsync(farm, Deb1);
        var job = await farm.StatusAsync("hang");
        job.State.Should().Be("failed");
        job.Task.Attempts.Select(a => (a.Outcome, a.Cause)).Should().Equal(("lost", null), ("fail", "no-output"));
    }

    [Fact]
    public async Task A_builder_that_is_told_to_stop_ends_its_build_at_once()
    {
        var farm = await MakeRealFarmAsync();
        await farm.SubmitAsync("hang", Cache.Source("bad-hang_1.0.dsc"));
        await farm.DoAsync("incoming");
        var builder = farm.Start("buildd", "--name", Deb1, "--daemon");
        await InBuildAsync(farm, "hang");
        await builder.StopAsync(TimeSpan.FromSeconds(10));

        (await Remains.RunningAsync($"{Cache.Work}/builders/{Deb1}")).Should().BeEmpty();
        var job = await farm.StatusAsync("hang");
        job.Task.State.Should().Be("needs build");
        job.Task.Last.Outcome.Should().Be("interrupted");
    }

    [Fact]
    public async Task A_real_build_that_is_cancelled_has_ended_within_five_seconds()
    {
        var farm = await MakeRealFarmAsync();
        await farm.SubmitAsync("hang", Cache.Source("bad-hang_1.0.dsc"));
        await farm.DoAsync("incoming");
        var builder = farm.Start("buildd", "--name", Deb1, "--daemon");
        await InBuildAsync(farm, "hang");
        var asked = TimeProvider.System.GetTimestamp();
        await farm.DoAsync("cancel", "hang");

        var job = await farm.FinalAsync("hang");
        TimeProvider.System.GetElapsedTime(asked).Should().BeLessThan(TimeSpan.FromSeconds(5));
        job.State.Should().Be("cancelled");
        await builder.StopAsync();
        (await Remains.RunningAsync($"{Cache.Work}/builders/{Deb1}")).Should().BeEmpty();
    }

    private static async Task KillAndRepeatAsync(TestFarm farm, string builder, string point, string source)
    {
        // Buckets exist, empty, before the first task; that is published too, and is not what is tried here.
        await BuildAllAsync(farm, builder);
        await farm.SubmitAsync("job-1", Cache.Source(source));
        await farm.DoAsync("incoming");
        var killed = await farm.StartAt(point, "buildd", "--name", builder).EndAsync();
        killed.ExitCode.Should().Be(CommandResult.Killed, "it kills itself at {0}, but: {1}", point, killed);
        await BuildAllAsync(farm, builder);

        var job = await farm.StatusAsync("job-1");
        job.State.Should().Be("successful", await WhyAsync(farm, "job-1"));
        // What is old is tidied away once the end is committed.
        string[] expected = point == FaultPoints.PublishTidied ? ["success"] : ["lost", "success"];
        job.Task.Attempts.Select(a => a.Outcome).Should().Equal(expected);
    }
}
