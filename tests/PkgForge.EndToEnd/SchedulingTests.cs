using System.Text.Json;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>What is built next, and what <c>status</c> says of what waits.</summary>
public sealed class SchedulingTests : FarmTests
{
    /// <summary>Builds everything by one builder. Returns the jobs in the order in which it began them.</summary>
    private static async Task<string[]> BuildAsync(TestFarm farm)
    {
        var result = await farm.TryAsync("buildd", "--name", "b1");
        result.ExitCode.Should().Be(0, "but it printed:\n{0}", result);
        return
        [
            .. result
                .Error.Split('\n')
                .Where(line => line.Contains(" building ", StringComparison.Ordinal))
                .Select(line => line.Split(" building ")[1].Split(' ')[0]),
        ];
    }

    private static async Task<JsonElement> JsonAsync(TestFarm farm, params string[] words)
    {
        using var document = JsonDocument.Parse(await farm.DoAsync([.. words, "--json"]));
        return document.RootElement.Clone();
    }

    [Fact]
    public async Task Urgent_jobs_go_first_and_background_ones_last_and_a_job_can_be_moved()
    {
        var farm = await MakeFarmAsync();
        var source = farm.Script("a", "print a");
        await farm.SubmitAsync("last", "--priority", "background", source);
        await farm.SubmitAsync("third", source);
        await farm.SubmitAsync("second", source);
        await farm.SubmitAsync("first", "--priority", "urgent", source);
        await farm.DoAsync("incoming");
        (await farm.DoAsync("priority", "second", "urgent")).Should().Be("second: urgent, for the task that waits\n");

        var list = await farm.DoAsync("status");
        list.Should().MatchRegex(@"JOB +STATE +PRIORITY +WAITS FOR");
        list.Should().MatchRegex("last +registered +background +a builder");
        list.Should().MatchRegex("third +registered +a builder", "nobody wants to read that a job is normal");
        (await farm.DoAsync("status", "last")).Should().Contain("priority   background");
        (await JsonAsync(farm, "status", "second")).GetProperty("priority").GetString().Should().Be("urgent");

        (await BuildAsync(farm)).Should().Equal("second", "first", "third", "last");
        (await farm.DoAsync("status")).Should().NotContain("WAITS FOR", "nothing waits any more");
        (await farm.DoAsync("priority", "first", "normal")).Should().Contain("none of its tasks waits");
    }

    [Fact]
    public async Task The_configuration_may_say_how_soon_a_users_jobs_are_to_be_built()
    {
        var farm = await MakeFarmAsync(new() { More = "priority: background" });
        await farm.SubmitAsync("by-default", farm.Script("a", "print a"));
        await farm.SubmitAsync("said", "--priority", "normal", farm.Script("b", "print b"));
        await farm.DoAsync("incoming");

        (await JsonAsync(farm, "status", "by-default")).GetProperty("priority").GetString().Should().Be("background");
        (await JsonAsync(farm, "status", "said")).GetProperty("priority").GetString().Should().Be("normal");
    }

    [Fact]
    public async Task Bad_words_for_priorities_and_jobs_are_named()
    {
        var farm = await MakeFarmAsync();
        var source = farm.Script("a", "print a");
        var high = await farm.TryAsync("submit", "-B", "main", "--priority", "high", source);
        (high.ExitCode, high.Error)
            .Should()
            .Be((2, "pkgforge: 'high' is not a priority: expected urgent, normal or background\n"));
        (await farm.TryAsync("submit", "-B", "main", "--after", "a/b", source)).ExitCode.Should().Be(2);
        (await farm.TryAsync("priority", "job", "high")).ExitCode.Should().Be(2);
        (await farm.TryAsync("priority", "nobody", "urgent"))
            .Should()
            .Match<CommandResult>(r => r.ExitCode == 1 && r.Error.Contains("'nobody'"));
        farm.Files("spool/incoming").Should().BeEmpty();
    }

    [Fact]
    public async Task A_job_is_built_after_those_that_it_names()
    {
        var farm = await MakeFarmAsync();
        var source = farm.Script("a", "print a");
        await farm.SubmitAsync("one", source);
        await farm.SubmitAsync("two", source);
        await farm.SubmitAsync("last", "--after", "one", "--after", "two", "--priority", "urgent", source);
        await farm.SubmitAsync("lost", "--after", "nobody", source);
        await farm.DoAsync("incoming");

        (await farm.DoAsync("status", "last"))
            .Should()
            .Contain("  dummy-all: needs build\n    waits for one (needs build), two (needs build)\n");
        (await farm.DoAsync("status")).Should().MatchRegex("last +registered +urgent +other jobs");
        var lost = await farm.StatusAsync("lost");
        (lost.State, lost.Reason)
            .Should()
            .Be(
                ("invalid", "it is to wait for job 'nobody', and there is none; submit that one first, or leave it out")
            );
        (await BuildAsync(farm)).Should().Equal("one", "two", "last");
    }

    [Fact]
    public async Task Status_says_why_a_task_waits_and_since_when_nobody_builds()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("wait", farm.Script("a", "print a"));
        await farm.DoAsync("incoming");

        (await farm.DoAsync("status", "wait"))
            .Should()
            .Contain("    no builder for dummy-all takes tasks: b1 never ran\n");
        var why = (await JsonAsync(farm, "status", "wait")).GetProperty("tasks")[0].GetProperty("waiting");
        why.GetProperty("reason").GetString().Should().Be("no-builder");
        why.GetProperty("details").GetString().Should().Contain("b1 never ran");
        why.GetProperty("before").GetInt32().Should().Be(0);
        (await JsonAsync(farm, "status"))[0].GetProperty("waits").GetString().Should().Be("no-builder");

        await farm.DoAsync("platform", "deactivate", "dummy", "all");
        (await farm.DoAsync("status", "wait")).Should().Contain("    platform dummy-all is not active: ");
        (await farm.DoAsync("status")).Should().MatchRegex("wait +registered +its platform: not active");
    }

    [Fact]
    public async Task Status_tells_of_those_that_go_before()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("runs", farm.Script("a", "hang"));
        await farm.DoAsync("incoming");
        var builder = farm.Start("buildd", "--name", "b1", "--daemon");
        await builder.SaysAsync("building runs");
        await farm.SubmitAsync("next", farm.Script("b", "print b"));
        await farm.SubmitAsync("later", farm.Script("c", "print c"));
        await farm.DoAsync("incoming");

        (await farm.DoAsync("status", "next")).Should().Contain("it is next, when b1 is done");
        (await farm.DoAsync("status", "later")).Should().Contain("    1 task goes before it, for 1 builder\n");
        (await farm.DoAsync("status")).Should().MatchRegex("later +registered +its turn: 1 before it");
        (await farm.DoAsync("builder", "list")).Should().MatchRegex(@"b1 +dummy-all +building runs +\S+ +\S+ \S+ +0");
        await builder.StopAsync();
    }

    [Fact]
    public async Task A_source_that_was_built_before_has_an_estimate()
    {
        var farm = await MakeFarmAsync();
        var source = farm.Script("a", "sleep 2", "product a.txt a");
        await farm.SubmitAsync("teach", source);
        await farm.WorkAsync();
        await farm.SubmitAsync("again", source);
        await farm.DoAsync("incoming");

        (await farm.DoAsync("status", "again")).Should().MatchRegex(@"; takes about \d+ s\n");
        var why = (await JsonAsync(farm, "status", "again")).GetProperty("tasks")[0].GetProperty("waiting");
        why.GetProperty("estimate_seconds").GetDouble().Should().BeGreaterThan(1.9);
    }

    [Fact]
    public async Task Caps_are_set_listed_kept_and_removed()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("held", farm.Script("a", "print a"));
        await farm.DoAsync("incoming");
        (await farm.DoAsync("cap", "list")).Should().Contain("no caps");
        (await farm.DoAsync("cap", "set", "submitter", "*", "0"))
            .Should()
            .Be("everybody who has no cap of their own: at most 0 tasks at once\n");
        (await farm.DoAsync("cap", "set", "bucket", "main", "1")).Should().Be("bucket main: at most 1 task at once\n");

        (await farm.DoAsync("cap", "list")).Should().MatchRegex(@"bucket +main +1\s+submitter +\* +0");
        (await JsonAsync(farm, "cap", "list"))[0].GetProperty("tasks").GetInt32().Should().Be(1);
        (await BuildAsync(farm)).Should().BeEmpty();
        (await farm.StatusAsync("held")).State.Should().Be("registered");
        await farm.DoAsync("cap", "remove", "submitter", "*");
        (await BuildAsync(farm)).Should().Equal("held");
        (await farm.TryAsync("cap", "remove", "submitter", "*")).ExitCode.Should().Be(1, "there is none any more");
    }

    [Fact]
    public async Task A_cap_that_would_hold_nobody_up_is_refused()
    {
        var farm = await MakeFarmAsync();
        (await farm.TryAsync("cap", "set", "bucket", "nowhere", "1"))
            .Should()
            .Match<CommandResult>(r => r.ExitCode == 1 && r.Error.Contains("main, other"));
        (await farm.TryAsync("cap", "set", "bucket", "*", "1")).ExitCode.Should().Be(2);
        (await farm.TryAsync("cap", "set", "submitter", "Not A Name", "1")).ExitCode.Should().Be(2);
        (await farm.TryAsync("cap", "set", "platform", "dummy", "1")).ExitCode.Should().Be(2);
        (await farm.TryAsync("cap", "set", "bucket", "main", "many")).ExitCode.Should().Be(2);
        (await farm.DoAsync("cap", "list")).Should().Contain("no caps");
    }

    [Fact]
    public async Task A_cap_that_is_reached_is_told()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("runs", farm.Script("a", "hang"));
        await farm.DoAsync("incoming");
        var builder = farm.Start("buildd", "--name", "b1", "--daemon");
        await builder.SaysAsync("building runs");
        await farm.DoAsync("cap", "set", "bucket", "main", "1");
        await farm.SubmitAsync("held", farm.Script("b", "print b"));
        await farm.DoAsync("incoming");

        (await farm.DoAsync("status", "held"))
            .Should()
            .Contain("    bucket main has reached its cap of 1 task at once\n");
        (await farm.DoAsync("status")).Should().MatchRegex("held +registered +its turn: cap reached");
        await builder.StopAsync();
    }
}
