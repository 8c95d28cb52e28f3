using System.Text.Json;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary><c>builder list</c>, <c>show</c>, <c>drain</c> and <c>resume</c>.</summary>
public sealed class BuilderHealthTests : FarmTests
{
    [Fact]
    public async Task A_builder_that_fails_again_and_again_is_in_quarantine_until_somebody_resumes_it()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("bad", farm.Script("a", "fault no disk"));
        await farm.WorkAsync();
        await farm.SubmitAsync("next", farm.Script("b", "print b"));
        await farm.WorkAsync();
        (await farm.StatusAsync("next")).State.Should().Be("registered", "the builder gets no tasks");

        (await farm.DoAsync("builder", "list"))
            .Should()
            .MatchRegex(@"b1 +dummy-all +stopped, quarantine +\S+ +\S+ \S+ +3");
        var text = await farm.DoAsync("builder", "show", "b1");
        text.Should()
            .Contain("builder b1: stopped, quarantine\n")
            .And.MatchRegex("quarantine  3 farm faults in a row, each within 60 s of its claim; the last: .*no disk")
            .And.MatchRegex(@"canary    one task to try it with, about .* \(in \d+ min\)")
            .And.Contain("faults      3 in the last seven days")
            .And.MatchRegex(@"\d\d:\d\d:\d\d  farm fault, job bad: .*no disk");
        using (var json = JsonDocument.Parse(await farm.DoAsync("builder", "show", "b1", "--json")))
        {
            var root = json.RootElement;
            root.GetProperty("quarantine").GetProperty("reason").GetString().Should().Contain("no disk");
            root.GetProperty("faults").GetArrayLength().Should().Be(3);
        }
        (await farm.DoAsync("builder", "resume", "b1")).Should().Be("b1: gets tasks again\n");
        await farm.DoAsync("buildd", "--name", "b1");

        (await farm.StatusAsync("next")).State.Should().Be("successful");
        (await farm.DoAsync("builder", "show", "b1"))
            .Should()
            .StartWith("builder b1: stopped\n")
            .And.NotContain("quarantine");
    }

    [Fact]
    public async Task A_drained_builder_ends_its_task_and_takes_no_other()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("runs", farm.Script("a", "hang"));
        await farm.DoAsync("incoming");
        var builder = farm.Start("buildd", "--name", "b1", "--daemon");
        await builder.SaysAsync("building runs");
        (await farm.DoAsync("builder", "drain", "b1")).Should().StartWith("b1: gets no more tasks");
        (await farm.DoAsync("builder", "list")).Should().Contain("building runs, draining");
        await farm.SubmitAsync("next", farm.Script("b", "print b"));
        await farm.DoAsync("incoming");

        await farm.DoAsync("cancel", "runs");
        (await farm.FinalAsync("runs")).State.Should().Be("cancelled", "it builds until then");
        (await farm.DoAsync("builder", "list")).Should().MatchRegex("b1 +dummy-all +draining");
        (await farm.DoAsync("status", "next")).Should().Contain("b1 is draining");
        (await farm.StatusAsync("next")).State.Should().Be("registered");
        await farm.DoAsync("builder", "resume", "b1");
        (await farm.FinalAsync("next", 10)).State.Should().Be("successful", "it is woken");
        await builder.StopAsync();
    }

    [Theory]
    [InlineData("show")]
    [InlineData("drain")]
    [InlineData("resume")]
    public async Task A_builder_that_is_not_there_is_named(string command)
    {
        var farm = await MakeFarmAsync();
        (await farm.TryAsync("builder", command, "nobody"))
            .Should()
            .Match<CommandResult>(r => r.ExitCode == 1 && r.Error.Contains("there is no builder nobody"));
    }
}
