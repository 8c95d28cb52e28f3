using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>Jobs whose sources are built in the order of their build dependencies.</summary>
public sealed class OrderTests : FarmTests
{
    [Fact]
    public async Task Sources_are_built_after_those_that_they_need_and_each_is_tried_once()
    {
        var farm = await MakeFarmAsync();
        string[] sources =
        [
            farm.Script("app", "needs elsewhere | lib-dev", "product app.txt x"),
            farm.Script("lone", "product lone.txt x"),
            farm.Script("lib", "needs tools", "makes lib-dev", "product lib.txt x"),
            farm.Script("tools", "makes tools", "product tools.txt x"),
        ];
        await farm.SubmitAsync("deps", ["--order", "deps", .. sources]);
        await farm.SubmitAsync("given", sources);
        await farm.WorkAsync();

        var log = await farm.DoAsync("log", "deps");
        Sources(log).Should().Equal("lone.dummy", "tools.dummy", "lib.dummy", "app.dummy");
        log.Should().Contain("order: app needs lib-dev of lib").And.Contain("order: lone.dummy tools.dummy lib.dummy");
        Sources(await farm.DoAsync("log", "given"))
            .Should()
            .Equal("app.dummy", "lone.dummy", "lib.dummy", "tools.dummy");
        (await farm.StatusAsync("deps")).Should().BeEquivalentTo(new { State = "successful", Order = "deps" });
        (await farm.StatusAsync("given")).Order.Should().Be("given");
    }

    [Fact]
    public async Task A_cycle_fails_the_task_with_its_needs_before_anything_is_built()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync(
            "cycle",
            "--order",
            "deps",
            farm.Script("fine", "product fine.txt x"),
            farm.Script("a", "needs b-dev", "makes a-tools"),
            farm.Script("b", "needs a-tools", "makes b-dev")
        );
        await farm.WorkAsync();

        var job = await farm.StatusAsync("cycle");
        job.State.Should().Be("failed");
        job.Task.Last.Cause.Should().Be("unsatisfiable-dependency");
        job.Task.Last.Message.Should()
            .StartWith("a needs b-dev of b; b needs a-tools of a: a cycle; submit without --order deps");
        Sources(await farm.DoAsync("log", "cycle")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_source_that_needs_one_that_fails_is_not_tried_and_the_message_says_what_it_waits_for()
    {
        var farm = await MakeFarmAsync();
        string[] sources =
        [
            farm.Script("app", "needs lib"),
            farm.Script("lib", "makes lib", "fail compile it is broken"),
            farm.Script("other", "product other.txt x"),
        ];
        await farm.SubmitAsync("retry", ["--order", "deps", .. sources]);
        await farm.SubmitAsync("stop", ["--order", "deps", "--on-error", "stop", .. sources]);
        await farm.WorkAsync();

        Sources(await farm.DoAsync("log", "retry")).Should().Equal("lib.dummy", "other.dummy", "lib.dummy");
        Sources(await farm.DoAsync("log", "stop")).Should().Equal("lib.dummy");
        foreach (var id in new[] { "retry", "stop" })
        {
            var last = (await farm.StatusAsync(id)).Task.Last;
            last.Cause.Should().Be("compile");
            last.Message.Should().Be("lib.dummy: it is broken; not tried: app.dummy (waits for lib.dummy)");
        }
    }

    [Fact]
    public async Task Sources_that_do_not_need_each_other_are_built_side_by_side_and_their_logs_stay_apart()
    {
        var farm = await MakeFarmAsync(new() { More = "limits: { side_by_side: 2, parallel: 6 }" });
        await farm.SubmitAsync(
            "side",
            "--order",
            "deps",
            farm.Script("app", "needs a", "needs b", "clock", "product app.txt x"),
            farm.Script("a", "makes a", "clock", "sleep 1.5", "clock", "product a.txt x"),
            farm.Script("b", "makes b", "clock", "sleep 1", "clock", "product b.txt x"),
            farm.Script("c", "clock", "product c.txt x")
        );
        await farm.WorkAsync();

        (await farm.StatusAsync("side")).State.Should().Be("successful");
        var log = await farm.DoAsync("log", "side");
        Sources(log).Should().Equal("a.dummy", "b.dummy", "c.dummy", "app.dummy");
        var clocks = log.Split('\n').Where(line => line.Length > 0 && line.All(char.IsAsciiDigit)).Select(long.Parse);
        var (a, b, c, app) = clocks.ToList() is [var a1, var a2, var b1, var b2, var c1, var app1]
            ? ((a1, a2), (b1, b2), c1, app1)
            : throw new InvalidOperationException(log);
        b.b1.Should().BeLessThan(a.a2, "b began before a had ended");
        c.Should().BeInRange(b.b2, a.a2, "two at once are enough");
        app.Should().BeGreaterThan(a.a2);
        farm.Files("spool/results/side/dummy-all/1/products").Should().Equal("a.txt", "app.txt", "b.txt", "c.txt");
        (await farm.DoAsync("record", "side")).Should().Contain("parallel: 3", "each has its share");
    }

    [Fact]
    public async Task What_fails_beside_others_fails_alone_and_a_fault_of_the_farm_stops_all()
    {
        var farm = await MakeFarmAsync(new() { More = "limits: { side_by_side: 3 }" });
        await farm.SubmitAsync(
            "twice",
            "--order",
            "deps",
            farm.Script("a", "product same.txt x", "sleep 0.5"),
            farm.Script("b", "product same.txt y"),
            farm.Script("c", "product c.txt x")
        );
        await farm.SubmitAsync("fault", "--order", "deps", farm.Script("d", "hang"), farm.Script("e", "fault no disk"));
        await farm.WorkAsync();

        var last = (await farm.StatusAsync("twice")).Task.Last;
        last.Cause.Should().Be("packaging");
        last.Message.Should().Be("a.dummy: the product same.txt was made twice in this job");
        Results(await farm.DoAsync("record", "twice"))
            .Should()
            .Equal(
                ["b.dummy built", "c.dummy built", "a.dummy packaging"],
                "a was tried again, and its last try counts"
            );
        var fault = (await farm.StatusAsync("fault")).Task.Attempts[0];
        fault.Outcome.Should().Be("farm fault");
        fault.Message.Should().Contain("no disk");
    }

    private static IEnumerable<string> Sources(string log) =>
        log.Split('\n')
            .Where(line => line.Contains("source: ", StringComparison.Ordinal))
            .Select(line => line.Split("source: ")[1]);

    private static IEnumerable<string> Results(string record) =>
        record
            .Split("- source: ")
            .Skip(1)
            .Select(build => build.Split('\n'))
            .Select(lines => $"{lines[0].Trim('"')} {lines[1].Split('"')[1]}");
}
