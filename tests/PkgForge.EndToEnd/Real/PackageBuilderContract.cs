using System.Globalization;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>What every package builder promises (<c>IPackageBuilder</c>), whatever it builds by: seen from outside, on a farm.</summary>
public abstract class PackageBuilderContract : RealFarmTests
{
    /// <summary>Makes a farm with the platform and the builder.</summary>
    private protected abstract Task<TestFarm> MakeAsync(string more = "");

    /// <summary>The name of the builder.</summary>
    private protected abstract string Builder { get; }

    /// <summary>The name of the platform.</summary>
    private protected abstract string Platform { get; }

    /// <summary>A source that behaves as its name says: <c>good-quick</c>, <c>bad-hang</c>, <c>bad-output</c>, <c>bad-talk</c>.</summary>
    private protected abstract string Behaving(TestFarm farm, string name);

    /// <summary>A source whose own test fails.</summary>
    private protected abstract string Failing(TestFarm farm);

    /// <summary>What the log says when a source's own command runs.</summary>
    private protected virtual string Begun => "sh ./behaviour";

    /// <summary>What the builder says when it has products.</summary>
    private protected virtual string Made => "==>";

    [Fact]
    public async Task A_source_is_built_and_its_products_and_log_are_kept()
    {
        var farm = await MakeAsync();
        var job = await BuildOneAsync(farm, "good", Behaving(farm, "good-quick"));

        job.State.Should().Be("successful", await WhyAsync(farm, "good"));
        farm.Files($"spool/results/good/{Platform}/1/products").Should().Contain(name => name.StartsWith("good-quick"));
        (await farm.DoAsync("log", "good")).Should().Contain(Made).And.Contain("nothing to do");
        (await Remains.RunningAsync($"{farm.Work}/builders/{Builder}")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_build_that_fails_is_the_packages_failure_and_its_cause_is_named()
    {
        var farm = await MakeAsync();
        var job = await BuildOneAsync(farm, "bad", Failing(farm));

        job.State.Should().Be("failed");
        job.Task.Last.Cause.Should().Be("test", await WhyAsync(farm, "bad"));
        job.Task.Last.Evidence.Should().NotBeNullOrEmpty();
        job.Task.Attempts.Should().ContainSingle("it is not tried again");
        farm.Files($"buckets/main/{Platform}").Should().NotContain(name => name.Contains("greet-fail"));
    }

    [Theory]
    [InlineData("silence: 15s", "bad-hang", "no-output")]
    [InlineData("time: 25s", "bad-talk", "timeout")]
    [InlineData("log: 1M", "bad-output", "log-limit")]
    public async Task A_build_is_stopped_at_its_limit(string limit, string source, string cause)
    {
        var farm = await MakeAsync(string.Create(CultureInfo.InvariantCulture, $"limits: {{ {limit} }}"));
        var job = await BuildOneAsync(farm, "bad", Behaving(farm, source));

        job.State.Should().Be("failed");
        job.Task.Last.Cause.Should().Be(cause, await WhyAsync(farm, "bad"));
        job.Task.Attempts.Should().ContainSingle("it is the package's own failure");
        farm.Log("bad", Platform).Length.Should().BeLessThan(2 << 20);
        (await Remains.RunningAsync($"{farm.Work}/builders/{Builder}")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_build_that_is_cancelled_has_ended_within_five_seconds()
    {
        var farm = await MakeAsync();
        await farm.SubmitAsync("hang", Behaving(farm, "bad-hang"));
        await farm.DoAsync("incoming");
        var builder = farm.Start("buildd", "--name", Builder, "--daemon");
        await InBuildAsync(farm, "hang", Begun);
        var asked = TimeProvider.System.GetTimestamp();
        await farm.DoAsync("cancel", "hang");

        var job = await farm.FinalAsync("hang");
        TimeProvider.System.GetElapsedTime(asked).Should().BeLessThan(TimeSpan.FromSeconds(5));
        job.State.Should().Be("cancelled");
        await builder.StopAsync();
        (await Remains.RunningAsync($"{farm.Work}/builders/{Builder}")).Should().BeEmpty();
    }

    [Fact]
    public async Task Nothing_of_a_build_outlives_a_builder_that_is_killed()
    {
        var farm = await MakeAsync();
        await farm.SubmitAsync("hang", Behaving(farm, "bad-hang"));
        await farm.DoAsync("incoming");
        var builder = farm.Start("buildd", "--name", Builder);
        await InBuildAsync(farm, "hang", Begun);
        builder.Send(Signal.Kill);
        await builder.EndAsync();

        (await Remains.RunningAsync($"{farm.Work}/builders/{Builder}")).Should().BeEmpty();
        await farm.DoAsync("cancel", "hang");
        await BuildAllAsync(farm, Builder);
        (await farm.FinalAsync("hang")).State.Should().Be("cancelled");
    }

    /// <summary>Submits one job, takes it, and builds it.</summary>
    private protected async Task<JobStatus> BuildOneAsync(TestFarm farm, string id, params string[] sources)
    {
        await farm.SubmitAsync(id, sources);
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, Builder);
        return await farm.StatusAsync(id);
    }
}
