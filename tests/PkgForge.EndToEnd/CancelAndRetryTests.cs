using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary><c>cancel</c> and <c>retry</c>.</summary>
public sealed class CancelAndRetryTests : FarmTests
{
    [Fact]
    public async Task A_waiting_job_is_cancelled_at_once()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("wait", farm.Script("a", "print a"));
        await farm.DoAsync("incoming");
        (await farm.DoAsync("cancel", "wait")).Should().Contain("cancelled: dummy-all");

        (await farm.StatusAsync("wait")).State.Should().Be("cancelled");
        (await farm.TryAsync("cancel", "wait")).ExitCode.Should().Be(1, "nothing is left to cancel");
        await farm.DoAsync("buildd", "--name", "b1");
        (await farm.StatusAsync("wait")).Task.Attempts.Should().BeEmpty("nobody builds what was cancelled");
    }

    [Fact]
    public async Task A_running_build_is_stopped_within_five_seconds()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("long", farm.Script("a", "print begun", "hang"));
        await farm.SubmitAsync("next", farm.Script("b", "print b"));
        await farm.DoAsync("incoming");
        var daemon = farm.Start("buildd", "--name", "b1", "--daemon");
        await farm.UntilAsync("long", job => job.State == "building");
        await farm.DoAsync("cancel", "long", "dummy-all");

        var job = await farm.FinalAsync("long", 5);
        job.State.Should().Be("cancelled");
        job.Task.Last.Outcome.Should().Be("cancelled");
        (await farm.DoAsync("log", "long")).Should().Contain("begun", "the log of a cancelled build is kept");
        (await farm.FinalAsync("next", 10)).State.Should().Be("successful");
        await daemon.StopAsync();
    }

    [Fact]
    public async Task A_failed_job_is_built_again_on_request()
    {
        var farm = await MakeFarmAsync();
        await farm.DoAsync("platform", "add", "more", "all", "--format", "dummy");
        await farm.DoAsync("builder", "add", "m1", "more", "all");
        await farm.SubmitAsync("bad", "-p", "all", farm.Script("a", "fail compile no"));
        await farm.WorkAsync();
        await farm.DoAsync("buildd", "--name", "m1");
        (await farm.StatusAsync("bad")).State.Should().Be("failed");

        (await farm.DoAsync("retry", "bad", "more-all")).Should().Contain("to be built again: more-all");
        (await farm.StatusAsync("bad")).State.Should().Be("building");
        await farm.DoAsync("buildd", "--name", "m1");
        var job = await farm.StatusAsync("bad");
        job.State.Should().Be("failed");
        (job.On("more-all").Attempts.Length, job.On("dummy-all").Attempts.Length).Should().Be((2, 1));

        await farm.DoAsync("retry", "bad");
        await farm.DoAsync("buildd", "--name", "b1");
        await farm.DoAsync("buildd", "--name", "m1");
        job = await farm.StatusAsync("bad");
        (job.On("more-all").Attempts.Length, job.On("dummy-all").Attempts.Length).Should().Be((3, 2));
        foreach (var number in new[] { "1", "2", "3" })
            (await farm.DoAsync("log", "bad", "more-all", "--attempt", number)).Should().Contain("compile");
    }

    [Fact]
    public async Task A_cancelled_job_can_be_built_after_all()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("back", farm.Script("a", "product a.txt a"));
        await farm.DoAsync("incoming");
        await farm.DoAsync("cancel", "back");
        await farm.DoAsync("retry", "back");
        await farm.DoAsync("buildd", "--name", "b1");

        (await farm.StatusAsync("back")).State.Should().Be("successful");
        (await farm.TryAsync("retry", "back")).ExitCode.Should().Be(1, "nothing has failed");
    }

    [Fact]
    public async Task A_whole_job_is_built_again_with_what_succeeded()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("again", farm.Script("a", "product a.txt a"));
        await farm.WorkAsync();
        var nothing = await farm.TryAsync("retry", "again");
        (nothing.ExitCode, nothing.Output)
            .Should()
            .Match<(int, string)>(r => r.Item1 == 1 && r.Item2.Contains("--all"));

        (await farm.DoAsync("retry", "--all", "again")).Should().Be("again: to be built again: dummy-all\n");
        (await farm.TryAsync("retry", "--all", "again"))
            .Should()
            .Match<CommandResult>(r => r.ExitCode == 1 && r.Output.Contains("no task has ended"));
        await farm.DoAsync("buildd", "--name", "b1");

        var job = await farm.StatusAsync("again");
        job.State.Should().Be("successful");
        job.Task.Attempts.Select(a => a.Outcome).Should().Equal("success", "success");
    }

    [Fact]
    public async Task A_job_that_incoming_has_not_taken_yet_is_cancelled_too()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("early", farm.Script("a", "print a"));
        (await farm.TryAsync("cancel", "early", "dummy-all")).ExitCode.Should().Be(1, "it has no tasks yet");
        (await farm.DoAsync("cancel", "early")).Should().StartWith("early: cancelled: taken out of incoming");

        farm.Files("spool/incoming").Should().BeEmpty();
        await farm.DoAsync("incoming");
        (await farm.TryAsync("status", "early")).ExitCode.Should().Be(1);
        (await farm.TryAsync("cancel", "early")).ExitCode.Should().Be(1);
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("retry")]
    public async Task What_is_not_there_is_named(string command)
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("there", farm.Script("a", "print a"));
        await farm.DoAsync("incoming");

        (await farm.TryAsync(command, "nobody"))
            .Should()
            .Match<CommandResult>(r => r.ExitCode == 1 && r.Error.Contains("'nobody'"));
        (await farm.TryAsync(command, "there", "mars-amd64"))
            .Should()
            .Match<CommandResult>(r => r.ExitCode == 1 && r.Error.Contains("mars-amd64"));
        (await farm.TryAsync(command, "there", "nonsense")).ExitCode.Should().Be(2);
        (await farm.TryAsync(command)).ExitCode.Should().Be(2);
    }
}
