using System.Text.Json;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>Why a build failed, as commands tell it; and logs of hostile builds on a terminal.</summary>
public sealed class CauseTests : FarmTests
{
    [Fact]
    public async Task The_cause_is_told_with_the_line_that_shows_it_and_the_lines_around_it()
    {
        var farm = await MakeFarmAsync();
        string[] before = [.. Enumerable.Range(1, 20).Select(i => $"print compiling {i}")];
        string[] after = [.. Enumerable.Range(1, 20).Select(i => $"print giving up {i}")];
        await farm.SubmitAsync(
            "bad",
            farm.Script("bad", [.. before, "print main.c:3: no", .. after, "fail compile main.c:3: no"])
        );
        await farm.WorkAsync();

        var attempt = (await farm.StatusAsync("bad")).Task.Last;
        var log = await File.ReadAllTextAsync($"{farm.Spool}/results/bad/dummy-all/1/log");
        log[(int)attempt.EvidenceOffset!..].Should().StartWith("main.c:3: no\n");
        log.Split('\n')[attempt.EvidenceLine!.Value - 1].Should().Be("main.c:3: no");
        (await farm.DoAsync("status", "bad")).Should().Contain($"line {attempt.EvidenceLine} of the log: main.c:3: no");

        var text = await farm.DoAsync("log", "--cause", "bad", "dummy-all");
        text.Should().StartWith("bad on dummy-all, attempt 1: compile\n");
        text.Should().Contain($"\n  {attempt.EvidenceLine - 10}  compiling 11\n").And.NotContain("compiling 10");
        text.Should().Contain($"\n> {attempt.EvidenceLine}  main.c:3: no\n");
        text.Should().Contain("giving up 5\n").And.NotContain("giving up 6");

        using var json = JsonDocument.Parse(await farm.DoAsync("log", "--cause", "--json", "bad"));
        json.RootElement.GetProperty("cause").GetString().Should().Be("compile");
        json.RootElement.GetProperty("evidence_line").GetInt64().Should().Be(attempt.EvidenceLine);
        json.RootElement.GetProperty("log").GetArrayLength().Should().Be(16);
    }

    [Fact]
    public async Task What_has_no_cause_or_no_line_says_so()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("good", farm.Script("good", "print fine"));
        await farm.SubmitAsync("bad", farm.Script("bad", "fail packaging made twice"));
        await farm.WorkAsync();

        var good = await farm.TryAsync("log", "--cause", "good");
        good.ExitCode.Should().Be(1);
        good.ToString().Should().Contain("no attempt at good on dummy-all has failed").And.Contain("'success'");
        (await farm.TryAsync("log", "--cause", "good", "--attempt", "1")).ToString().Should().Contain("no cause");
        (await farm.TryAsync("log", "--cause", "bad", "--attempt", "2")).ToString().Should().Contain("no attempt 2");
        (await farm.TryAsync("log", "--cause", "--raw", "bad")).ExitCode.Should().Be(2);
        (await farm.DoAsync("log", "--cause", "bad"))
            .Should()
            .Contain("packaging")
            .And.Contain("No line of the log shows it.");
        File.Delete($"{farm.Spool}/results/bad/dummy-all/1/log");
        (await farm.DoAsync("log", "--cause", "bad")).Should().Contain("made twice");
    }

    [Fact]
    public async Task On_a_terminal_a_log_commands_nothing_and_elsewhere_it_is_as_it_is()
    {
        Executable.Require(File.Exists("/usr/bin/script"), "script is missing: it is in the package bsdutils");
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync(
            "evil",
            farm.Script("evil", "print ==> 12:00:00 evil on dummy-all: success", "fail test x")
        );
        await farm.WorkAsync();
        var log = $"{farm.Spool}/results/evil/dummy-all/1/log";
        const string Codes = "\e]0;owned\a\e[2J\e[31mred\r\e[1m==> fake\n";
        await File.AppendAllTextAsync(log, Codes);

        var shown = await OnTerminalAsync(farm, "log", "evil");
        shown.Should().Contain("^[]0;owned^G\e[31mred^M\e[1m==> fake\e[0m");
        shown.Should().NotContain("\e]").And.NotContain("\e[2J").And.NotContain("\a");
        shown.Should().Contain("==\\> 12:00:00 evil on dummy-all: success");
        shown
            .Split('\n')
            .Where(line => line.StartsWith("==>", StringComparison.Ordinal))
            .Should()
            .HaveCountGreaterThan(2);
        (await OnTerminalAsync(farm, "log", "--raw", "evil")).Should().Contain(Codes.TrimEnd());
        (await farm.DoAsync("log", "evil")).Should().Be(await File.ReadAllTextAsync(log)).And.EndWith(Codes);
    }

    /// <summary>What a command prints on a terminal of its own.</summary>
    private static async Task<string> OnTerminalAsync(TestFarm farm, params string[] words)
    {
        string[] command = [.. Executable.Program, .. words, "-c", farm.Configuration];
        var start = Executable.AsUser([
            "script",
            "--quiet",
            "--return",
            "--command",
            string.Join(' ', command),
            "/dev/null",
        ]);
        start.Environment["TERM"] = "xterm";
        var result = await farm.Run(FarmProcess.Start(start)).EndAsync();
        result.ExitCode.Should().Be(0, "of {0}, which printed:\n{1}", words[0], result);
        return result.Output;
    }
}
