using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Records;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>A server, and builders that share nothing with it but HTTP.</summary>
public sealed class RemoteBuilderTests : FarmTests
{
    private const double Woken = 5;

    [Fact]
    public async Task One_line_makes_a_machine_a_builder_that_is_woken_by_each_job()
    {
        var farm = await MakeFarmAsync();
        var (server, url) = await OtherMachine.ServeAsync(farm);
        var machine = await OtherMachine.MakeAsync(farm, "other");
        var builder = await machine.EnrolAsync(url, "r1", "dummy", "all");
        for (var i = 1; i <= 3; i++)
        {
            await farm.SubmitAsync($"job-{i}", farm.Script($"a{i}", "print made elsewhere", $"product a{i}.txt a"));
            var job = await farm.FinalAsync($"job-{i}", Woken);
            job.State.Should().Be("successful");
            job.Task.Last.Builder.Should().Be("r1");
            (await farm.DoAsync("log", $"job-{i}")).Should().Contain("made elsewhere");
            {
                farm.Files($"spool/results/job-{i}/dummy-all/1/products").Should().Equal($"a{i}.txt");
                var record = RecordFile.ReadFile($"{farm.Spool}/results/job-{i}/dummy-all/1/record.yml").Record!;
                (record.Builder, record.Builds.Single().Products.Single().Name).Should().Be(("r1", $"a{i}.txt"));
            }
        }
        await builder.StopAsync();
        (await farm.DoAsync("builder", "list")).Should().MatchRegex(@"r1\s+dummy-all\s+stopped");
        await server.StopAsync();
        Directory.EnumerateFileSystemEntries($"{machine.Work}/builders/r1").Should().ContainSingle("the lock stays");
    }

    [Fact]
    public async Task The_farm_in_a_box_is_one_process()
    {
        var farm = await MakeFarmAsync();
        var box = farm.Start(
            "serve",
            "--listen",
            "http://127.0.0.1:0",
            "--incoming",
            "--builder",
            "b1",
            "--builder",
            "nobody"
        );
        await box.SaysAsync("buildd b1 is running");
        await box.SaysAsync("buildd nobody does not run: there is no builder 'nobody'");
        await farm.SubmitAsync("boxed", farm.Script("a", "product a.txt a"));

        (await farm.FinalAsync("boxed", Woken)).State.Should().Be("successful");
        box.Send(Signal.Terminate);
        (await box.EndAsync(TimeSpan.FromSeconds(Woken))).ExitCode.Should().Be(1, "one of its parts did not run");
        (await farm.DoAsync("builder", "list")).Should().MatchRegex(@"b1\s+dummy-all\s+stopped");
    }

    [Fact]
    public async Task A_cancel_stops_a_build_on_another_machine()
    {
        var farm = await MakeFarmAsync();
        var (server, url) = await OtherMachine.ServeAsync(farm);
        var machine = await OtherMachine.MakeAsync(farm, "other");
        var builder = await machine.EnrolAsync(url, "r1", "dummy", "all");
        await farm.SubmitAsync("long", farm.Script("a", "sleep 60"));
        await builder.SaysAsync("building long");
        await farm.DoAsync("cancel", "long");

        (await farm.FinalAsync("long", Woken)).State.Should().Be("cancelled");
        await builder.StopAsync();
        await server.StopAsync();
    }

    [Fact]
    public async Task A_build_outlives_the_server_that_it_was_begun_for()
    {
        var farm = await MakeFarmAsync();
        var (server, url) = await OtherMachine.ServeAsync(farm);
        var machine = await OtherMachine.MakeAsync(farm, "other");
        var builder = await machine.EnrolAsync(url, "r1", "dummy", "all");
        await farm.SubmitAsync("long", farm.Script("a", "print before", "sleep 2", "print after", "product a.txt a"));
        await builder.SaysAsync("building long");
        server.Send(Signal.Kill);
        await server.EndAsync();
        var (next, _) = await OtherMachine.ServeAsync(farm, url);

        var job = await farm.FinalAsync("long");
        job.State.Should().Be("successful");
        job.Task.Attempts.Should().ContainSingle();
        (await farm.DoAsync("log", "long")).Should().Contain("before\nafter\n");
        await builder.StopAsync();
        await next.StopAsync();
    }

    [Fact]
    public async Task The_log_of_a_builder_that_was_killed_is_kept()
    {
        var farm = await MakeFarmAsync(new() { More = "lease: 2s\nheartbeat: 0.5s" });
        await farm.DoAsync("platform", "add", "more", "all", "--format", "dummy");
        await farm.DoAsync("builder", "add", "m1", "more", "all");
        var (server, url) = await OtherMachine.ServeAsync(farm);
        var machine = await OtherMachine.MakeAsync(farm, "other");
        var (direct, remote) = (
            farm.Start("buildd", "--name", "m1", "--daemon"),
            await machine.EnrolAsync(url, "r1", "dummy", "all")
        );
        await farm.SubmitAsync("lost", "-p", "all", farm.Script("a", "print before the end", "sleep 60"));
        foreach (var platform in new[] { "more-all", "dummy-all" })
            await LogHasAsync(farm, platform, "before the end");
        direct.Send(Signal.Kill);
        remote.Send(Signal.Kill);
        await direct.EndAsync();
        await remote.EndAsync();
        await farm.DoAsync("cancel", "lost");
        // Who comes next notices that the leases are over.
        foreach (var (builder, platform) in new[] { ("m1", "more-all"), ("b1", "dummy-all") })
        {
            await Task.Delay(TimeSpan.FromSeconds(2.1));
            await farm.DoAsync("buildd", "--name", builder);
            var log = await farm.DoAsync("log", "lost", platform, "--attempt", "1");
            log.Should().Contain("attempt 1").And.Contain("before the end\n");
        }
        (await farm.StatusAsync("lost")).Tasks!.Select(task => task.Last.Outcome).Should().Equal("lost", "lost");
        await server.StopAsync();
    }

    private static async Task LogHasAsync(TestFarm farm, string platform, string text)
    {
        var started = TimeProvider.System.GetTimestamp();
        var pace = new Pace();
        while (!(await farm.TryAsync("log", "lost", platform)).Output.Contains(text, StringComparison.Ordinal))
        {
            TimeProvider.System.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(60));
            await pace.RestAsync();
        }
    }

    [Fact]
    public async Task A_builder_whose_token_is_revoked_ends_and_says_why()
    {
        var farm = await MakeFarmAsync();
        var (server, url) = await OtherMachine.ServeAsync(farm);
        var machine = await OtherMachine.MakeAsync(farm, "other");
        var builder = await machine.EnrolAsync(url, "r1", "dummy", "all");
        await farm.DoAsync("builder", "revoke", "r1");

        var end = await builder.EndAsync(TimeSpan.FromSeconds(Woken + 2));
        end.ExitCode.Should().Be(5);
        end.Error.Should().Contain("r1 was revoked").And.Contain("enrol again");
        await server.StopAsync();
    }

    [Fact]
    public async Task Other_machines_are_not_served_without_tls()
    {
        var farm = await MakeFarmAsync();
        var result = await farm.TryAsync("serve", "--listen", "http://*:0");

        result.ExitCode.Should().Be(3);
        result.Error.Should().Contain("without TLS").And.Contain("certificate");
    }
}
