using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd.Web;

/// <summary><c>pkgforge watch</c>: a job to its end, whatever happens to the server on the way.</summary>
public sealed class WatchTests : FarTests
{
    [Fact]
    public async Task A_job_is_watched_from_another_machine_and_here_alike()
    {
        await StartAsync();
        await Farm.SubmitAsync("good", Farm.Script("good", "print a", "sleep 1", "product a.txt x"));

        var (far, near) = (Anna.Start("watch", "good"), Farm.Start("watch", "good"));

        foreach (var result in new[] { await far.EndAsync(), await near.EndAsync() })
        {
            result.ExitCode.Should().Be(0, "of {0}", result);
            result.Output.Should().MatchRegex(@"\d\d:\d\d:\d\d job good: successful\n$");
            result
                .Output.Should()
                .Contain("dummy-all: attempt 1 by b1 has begun")
                .And.Contain("dummy-all: success after ");
        }
        // Who comes when all is over is told how it ended.
        (await Anna.DoAsync("watch", "good"))
            .Should()
            .Contain("job good: successful");
    }

    [Fact]
    public async Task The_exit_code_tells_that_it_failed_and_the_words_why()
    {
        await StartAsync();

        var result = await Anna.TryAsync(
            "submit",
            "-B",
            "main",
            "--id",
            "bad",
            "--watch",
            Farm.Script("bad", "fail compile no")
        );

        result.ExitCode.Should().Be(1);
        result.Output.Should().StartWith("bad\n").And.Contain("compile").And.EndWith("job bad: failed\n");
        var here = await Farm.TryAsync(
            "submit",
            "-B",
            "main",
            "--id",
            "bad2",
            "--wait",
            Farm.Script("bad", "fail compile no")
        );
        (here.ExitCode, here.Output).Should().Be((1, "bad2\njob bad2: failed\n"));
        var good = await Anna.DoAsync("submit", "-B", "main", "--id", "fine", "--wait", Farm.Script("fine", "print a"));
        good.Should().Be("fine\njob fine: successful\n");
        await Anna.FailAsync(1, "there is no job 'nothing'", "watch", "nothing");
        var none = await Farm.TryAsync("watch", "nothing");
        (none.ExitCode, none.Error)
            .Should()
            .Be((1, "pkgforge: there is no such job, neither registered nor in incoming\n"));
    }

    [Fact]
    public async Task For_scripts_each_state_is_a_line_of_json()
    {
        await StartAsync();
        await Farm.SubmitAsync("a", Farm.Script("a", "print a"));

        var lines = (await Anna.DoAsync("watch", "--json", "a")).TrimEnd('\n').Split('\n');

        lines.Select(line => JobStatus.Parse(line).Id).Should().OnlyContain(id => id == "a");
        JobStatus.Parse(lines[^1]).State.Should().Be("successful");
        JobStatus.Parse(lines[^1]).Task.Attempts.Should().ContainSingle();
    }

    [Fact]
    public async Task A_server_that_is_killed_and_started_again_is_no_end()
    {
        await StartAsync();
        await Farm.SubmitAsync("long", Farm.Script("long", "print a", "sleep 5", "print b", "sleep 1"));
        var watch = Anna.Start("watch", "long");
        await watch.PrintsAsync("attempt 1 by b1 has begun");

        Server.Send(Signal.Kill);
        (await Server.EndAsync()).ExitCode.Should().Be(CommandResult.Killed);
        await watch.SaysAsync("trying again");
        await ServeAsync(Url);

        var result = await watch.EndAsync();
        result.ExitCode.Should().Be(0, "of {0}", result);
        result.Error.Should().Contain("connected again");
        result.Output.Should().EndWith("job long: successful\n");
        Regex.Count(result.Output, "attempt 1 by b1 has begun").Should().Be(1, "nothing is told twice");
    }

    [Fact]
    public async Task Connections_that_break_are_no_end()
    {
        await StartAsync();
        var proxy = Keep(new CuttingProxy(new(Url)));
        await Farm.SubmitAsync(
            "long",
            Farm.Script("long", [.. Enumerable.Range(1, 30).SelectMany(i => new[] { $"print {i}", "sleep 0.1" })])
        );
        proxy.Arm(Way.ToBuilder, 2_500, 3);

        var result = await Anna.Through(proxy.Address).TryAsync("watch", "long");

        result.ExitCode.Should().Be(0, "of {0}", result);
        result.Output.Should().EndWith("job long: successful\n");
        proxy.Cuts.Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task A_hundred_who_watch_one_job_all_learn_how_it_ends()
    {
        await StartAsync();
        await Farm.SubmitAsync("a", Farm.Script("a", "print a", "sleep 8"));
        var token = (await Farm.DoAsync("account", "token", "anna", "--label", "many")).Trim();
        using var client = new HttpClient { BaseAddress = new($"{Url}/api/v1/") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        await Farm.UntilAsync("a", job => job.State == "building");
        var watching = Enumerable.Range(0, 100).Select(_ => client.GetStringAsync("jobs/a/events")).ToList();

        var told = await Task.WhenAll(watching).WaitAsync(TimeSpan.FromSeconds(60));

        told.Should().OnlyContain(text => text.Contains("\"state\":\"successful\"") && text.Contains("event: end"));
    }

    [Fact]
    public async Task On_a_terminal_a_job_is_drawn_again_in_its_place()
    {
        await StartAsync();
        await Farm.SubmitAsync("a", Farm.Script("a", "print a", "sleep 3", "product a.txt x"));
        using var terminal = new TerminalProcess(Farm, "watch", "a");

        await terminal.ShowsAsync("job a: ");
        await terminal.ShowsAsync("building");
        await terminal.ShowsAsync("\e[");
        await terminal.ShowsAsync("job a: successful");

        (await terminal.EndAsync()).Should().Be(0);
    }

    [Fact]
    public async Task Who_leaves_a_job_leaves_it_going_on()
    {
        await StartAsync();
        await Farm.SubmitAsync("a", Farm.Script("a", "sleep 4"));
        foreach (var watch in new[] { Anna.Start("watch", "a"), Farm.Start("watch", "a") })
        {
            await watch.PrintsAsync("attempt 1");
            watch.Send(Signal.Terminate);
            var result = await watch.EndAsync();
            (result.ExitCode, result.Error).Should().Be((1, "pkgforge: left; job a goes on\n"));
        }

        (await Farm.FinalAsync("a")).State.Should().Be("successful");
    }

    [Fact]
    public async Task Without_a_job_the_farm_is_watched()
    {
        await StartAsync();
        var (far, near) = (Anna.Start("watch", "--json"), Farm.Start("watch"));
        await Farm.SubmitAsync("a", Farm.Script("a", "print a", "sleep 4"));
        await near.PrintsAsync("a: building: dummy-all by b1");
        await near.PrintsAsync("a: successful");
        await far.PrintsAsync("\"building\":[{\"platform\":\"dummy-all\",\"attempt\":1,\"builder\":\"b1\"");
        await far.PrintsAsync("\"state\":\"successful\"");
        foreach (var watch in new[] { far, near })
        {
            watch.Send(Signal.Terminate);
            (await watch.EndAsync()).ExitCode.Should().Be(0);
        }
        await Farm.DoAsync("builder", "drain", "b1");
        await Farm.SubmitAsync("b", Farm.Script("b", "print b"));
        await Farm.UntilAsync("b", job => job.State == "registered");
        using var terminal = new TerminalProcess(Farm, "watch");
        await terminal.ShowsAsync("0 being built, 1 waiting");
        await terminal.ShowsAsync("a builder");
    }
}
