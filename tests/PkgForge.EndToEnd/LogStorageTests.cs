using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>Logs of attempts that have ended are stored, whoever dies on the way; at every moment there is one, and it is whole.</summary>
public sealed class LogStorageTests : FarmTests
{
    private const string Id = "long";

    private static readonly string[] Lines = [.. Enumerable.Range(1, 400).Select(i => $"print compiling part {i}")];

    public static TheoryData<string> Points =>
        new(FaultPoints.All.Where(name => name.StartsWith("log.", StringComparison.Ordinal)));

    [Fact]
    public async Task A_log_is_stored_at_the_end_and_every_command_reads_it()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync(Id, farm.Script("a", [.. Lines, "fail compile part 400 is wrong"]));
        await farm.SubmitAsync("short", farm.Script("a", "print a"));
        await farm.WorkAsync();

        farm.Files($"spool/results/{Id}/dummy-all/1").Should().Equal("log.zst", "record.yml");
        farm.Files("spool/results/short/dummy-all/1").Should().Equal("log", "record.yml");
        Notes(farm).Should().BeEmpty();
        Complete(await farm.DoAsync("log", Id), "fail");
        (await farm.DoAsync("log", "--raw", Id)).Should().Be(farm.Log(Id));
        (await farm.DoAsync("log", "--cause", Id)).Should().Contain("compile");
        var (exit, read) = await ZstdcatAsync($"{farm.Spool}/results/{Id}/dummy-all/1/log.zst");
        (exit, read).Should().Be((0, farm.Log(Id)));
    }

    [Theory]
    [InlineData("cancelled")]
    [InlineData("interrupted")]
    public async Task A_log_is_stored_at_the_end_of_an_attempt_that_is(string outcome)
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync(Id, farm.Script("a", [.. Lines, "hang"]));
        await farm.DoAsync("incoming");
        var daemon = farm.Start("buildd", "--name", "b1", "--daemon");
        await farm.UntilAsync(Id, job => job.State == "building");
        var pace = new Pace();
        while (
            !(await farm.TryAsync("log", Id)).Output.Contains(Lines[^1]["print ".Length..], StringComparison.Ordinal)
        )
            await pace.RestAsync();

        if (outcome == "cancelled")
            await farm.DoAsync("cancel", Id);
        else
            await daemon.StopAsync();

        var attempt = $"spool/results/{Id}/dummy-all/1";
        var started = TimeProvider.System.GetTimestamp();
        while (farm.Files(attempt).Contains("log"))
        {
            TimeProvider.System.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(50);
        }
        farm.Files(attempt).Should().Contain("log.zst");
        (await farm.StatusAsync(Id)).Task.Last.Outcome.Should().Be(outcome);
        if (outcome == "cancelled")
            await daemon.StopAsync();
    }

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Who_dies_at(string point)
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync(Id, farm.Script("a", Lines));
        await farm.DoAsync("incoming");

        var died = await farm.StartAt(point, "buildd", "--name", "b1").EndAsync();

        died.ExitCode.Should().Be(CommandResult.Killed, "it kills itself at {0}, but: {1}", point, died);
        (await farm.StatusAsync(Id)).State.Should().Be("successful", "its end does not wait for its log");
        Complete(await farm.DoAsync("log", Id), "success");
        await farm.DoAsync("buildd", "--name", "b1");
        Complete(await farm.DoAsync("log", Id), "success");
        Directory
            .EnumerateFileSystemEntries($"{farm.Spool}/results/{Id}/dummy-all/1")
            .Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)
            .Should()
            .Equal("log.zst", "record.yml");
        Notes(farm).Should().BeEmpty();
    }

    [Fact]
    public async Task What_one_has_left_aside_is_gone_when_the_next_dies_with_the_log_stored()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync(Id, farm.Script("a", Lines));
        await farm.DoAsync("incoming");
        foreach (var point in new[] { FaultPoints.LogWritten, FaultPoints.LogRemoved })
            (await farm.StartAt(point, "buildd", "--name", "b1").EndAsync())
                .ExitCode.Should()
                .Be(CommandResult.Killed, "it kills itself at {0}", point);

        await farm.DoAsync("buildd", "--name", "b1");

        farm.Files($"spool/results/{Id}/dummy-all/1").Should().Equal("log.zst", "record.yml");
        Directory.EnumerateFiles($"{farm.Spool}/results/{Id}/dummy-all/1").Should().HaveCount(2, "nothing is hidden");
        Notes(farm).Should().BeEmpty();
    }

    [Fact]
    public async Task The_log_of_an_attempt_that_was_lost_is_stored_by_the_next_process()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync(Id, farm.Script("a", Lines));
        await farm.DoAsync("incoming");
        await farm.StartAt(FaultPoints.BuilddCollected, "buildd", "--name", "b1").EndAsync();
        Notes(farm).Should().ContainSingle();

        await farm.DoAsync("buildd", "--name", "b1");

        farm.Files($"spool/results/{Id}/dummy-all/1").Should().Contain("log.zst").And.NotContain("log");
        farm.Files($"spool/results/{Id}/dummy-all/2").Should().Contain("log.zst").And.NotContain("log");
        farm.Log(Id).Should().Contain("compiling part 400\n");
        Notes(farm).Should().BeEmpty();
    }

    [Fact]
    public async Task A_disk_that_is_full_leaves_the_log_as_it_is_and_a_later_process_stores_it()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync(Id, farm.Script("a", Lines));
        await farm.DoAsync("incoming");

        var built = await farm.StartAt($"{FaultPoints.LogFlushed}:throw-io", "buildd", "--name", "b1").EndAsync();

        built.ExitCode.Should().Be(0);
        built.Error.Should().Contain("a log stays plain, and is tried again later");
        farm.Files($"spool/results/{Id}/dummy-all/1").Should().Equal("log", "record.yml");
        await farm.DoAsync("buildd", "--name", "b1");
        farm.Files($"spool/results/{Id}/dummy-all/1").Should().Equal("log.zst", "record.yml");
    }

    [Fact]
    public async Task A_log_of_a_remote_builder_is_stored_by_the_server()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync(Id, farm.Script("a", Lines));
        var (_, url) = await OtherMachine.ServeAsync(farm);
        var machine = await OtherMachine.MakeAsync(farm, "far");
        await machine.EnrolAsync(url, "b1");
        await farm.FinalAsync(Id);

        var started = TimeProvider.System.GetTimestamp();
        while (Notes(farm).Any())
        {
            TimeProvider.System.GetElapsedTime(started).TotalSeconds.Should().BeLessThan(20);
            await Task.Delay(50);
        }
        farm.Files($"spool/results/{Id}/dummy-all/1").Should().Equal("log.zst", "record.yml");
        Complete(await farm.DoAsync("log", Id), "success");
    }

    private static void Complete(string log, string state)
    {
        log.Split('\n').Where(line => line.StartsWith("compiling", StringComparison.Ordinal)).Should().HaveCount(400);
        log.Should().EndWith($"{Id} on dummy-all: {state}\n");
    }

    private static async Task<(int ExitCode, string Output)> ZstdcatAsync(string path)
    {
        var result = await FarmProcess.Start(Executable.Clean(["zstdcat", path])).EndAsync();
        return (result.ExitCode, result.Output);
    }

    private static IEnumerable<string> Notes(TestFarm farm) =>
        Directory.Exists($"{farm.Spool}/results/.logs") ? Directory.EnumerateFiles($"{farm.Spool}/results/.logs") : [];
}
