using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Native;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>Incoming and builders as daemons.</summary>
public sealed class DaemonTests : FarmTests
{
    /// <summary>Far below the slow scan (60 s) and the slow poll (30 s): it was a wake-up.</summary>
    private const double Woken = 5;

    [Fact]
    public async Task A_submitted_job_wakes_the_daemons_one_after_the_other()
    {
        var farm = await MakeFarmAsync();
        var (incoming, builder) = (
            farm.Start("incoming", "--daemon"),
            farm.Start("buildd", "--name", "b1", "--daemon")
        );
        await Task.WhenAll(incoming.SaysAsync("incoming is running"), builder.SaysAsync("buildd b1 is running"));
        for (var i = 1; i <= 3; i++)
        {
            await farm.SubmitAsync($"job-{i}", farm.Script("a", "product a.txt a"));
            (await farm.FinalAsync($"job-{i}", Woken)).State.Should().Be("successful");
        }
        await Task.WhenAll(incoming.StopAsync(), builder.StopAsync());
        (await farm.DoAsync("builder", "list")).Should().MatchRegex(@"b1\s+dummy-all\s+stopped");
    }

    [Fact]
    public async Task A_stopped_builder_puts_its_task_back_at_once_for_another()
    {
        var farm = await MakeFarmAsync();
        await farm.DoAsync("builder", "add", "b2", "dummy", "all");
        await farm.SubmitAsync("long", farm.Script("a", "sleep 2", "product a.txt a"));
        await farm.DoAsync("incoming");
        var first = farm.Start("buildd", "--name", "b1", "--daemon");
        await first.SaysAsync("building long");
        var second = farm.Start("buildd", "--name", "b2", "--daemon");
        await second.SaysAsync("buildd b2 is running");
        await first.StopAsync(TimeSpan.FromSeconds(Woken));

        var job = await farm.FinalAsync("long", Woken + 2);
        job.State.Should().Be("successful");
        job.Task.Attempts.Select(a => (a.Builder, a.Outcome)).Should().Equal(("b1", "interrupted"), ("b2", "success"));
        await second.StopAsync();
    }

    [Fact]
    public async Task A_builders_name_is_held_by_one_process()
    {
        var farm = await MakeFarmAsync();
        var first = farm.Start("buildd", "--name", "b1", "--daemon");
        await first.SaysAsync("buildd b1 is running");

        foreach (var words in new[] { new[] { "--daemon" }, [] })
        {
            var second = await farm.TryAsync(["buildd", "--name", "b1", .. words]);
            second.ExitCode.Should().Be(5);
            second.Error.Should().Contain("a buildd named 'b1' is running on this machine already");
        }
        (await farm.TryAsync("builder", "delete", "b1")).Error.Should().Contain("is running");
        await farm.SubmitAsync("still", farm.Script("a", "print a"));
        await farm.DoAsync("incoming");
        (await farm.FinalAsync("still", Woken)).State.Should().Be("successful", "the first goes on unharmed");
        await first.StopAsync();
    }

    [Fact]
    public async Task A_builder_that_nobody_added_is_refused()
    {
        var farm = await MakeFarmAsync();
        var result = await farm.TryAsync("buildd", "--name", "nobody", "--daemon");

        result.ExitCode.Should().Be(5);
        result.Error.Should().Contain("there is no builder 'nobody'").And.Contain("pkgforge builder add");
    }

    [Fact]
    public async Task Builders_of_one_machine_share_the_work()
    {
        var farm = await MakeFarmAsync();
        string[] builders = ["b1", "b2", "b3"];
        foreach (var name in builders[1..])
            await farm.DoAsync("builder", "add", name, "dummy", "all");
        for (var i = 1; i <= 6; i++)
            await farm.SubmitAsync($"job-{i}", farm.Script($"a{i}", "sleep 0.5", $"product a{i}.txt a"));
        await farm.DoAsync("incoming");
        var daemons = builders.Select(name => farm.Start("buildd", "--name", name, "--daemon")).ToList();

        var used = new HashSet<string>();
        for (var i = 1; i <= 6; i++)
        {
            var job = await farm.FinalAsync($"job-{i}");
            job.Task.Attempts.Should().ContainSingle().Which.Outcome.Should().Be("success");
            used.Add(job.Task.Last.Builder);
        }
        used.Should().BeEquivalentTo(builders);
        await Task.WhenAll(daemons.Select(daemon => daemon.StopAsync()));
    }

    [Fact]
    public async Task Two_incoming_do_not_take_a_job_twice()
    {
        var farm = await MakeFarmAsync();
        for (var i = 1; i <= 5; i++)
            await farm.SubmitAsync($"job-{i}", farm.Script($"a{i}", "print a"));
        var passes = Enumerable.Range(0, 3).Select(_ => farm.Start("incoming").EndAsync()).ToList();

        (await Task.WhenAll(passes)).Should().OnlyContain(pass => pass.ExitCode == 0);
        await farm.DoAsync("incoming");
        var jobs = JobStatus.ParseList(await farm.DoAsync("status", "--json"));
        jobs.Should().HaveCount(5).And.OnlyContain(job => job.State == "registered");
    }

    [Fact]
    public async Task Started_as_root_the_daemons_say_so_and_become_the_farms_user()
    {
        Executable.RequireRoot("only root can start a daemon as root");
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("as-root", farm.Script("a", "product a.txt a"));
        foreach (var words in new[] { new[] { "incoming" }, ["buildd", "--name", "b1"] })
        {
            var start = Executable.Clean([.. Executable.Program, .. words, "-c", farm.Configuration]);
            var result = await farm.Run(FarmProcess.Start(start)).EndAsync();
            result.ExitCode.Should().Be(0, "but it printed:\n{0}", result);
            result.Error.Should().Contain($"started as root; going on as {Executable.User.Name}");
        }
        (await farm.StatusAsync("as-root")).State.Should().Be("successful");
        foreach (var file in farm.Files("spool"))
            FileSystem.LinkStatus($"{farm.Spool}/{file}")!.Owner.Should().Be(Executable.User.Uid, "of {0}", file);
    }
}
