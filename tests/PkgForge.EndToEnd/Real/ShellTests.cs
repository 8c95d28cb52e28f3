using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary><c>pkgforge shell</c> in the roots of real builds that have failed.</summary>
public sealed class ShellTests : RealFarmTests
{
    private const string LookAround = """
        id -u; grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status; grep -c : /proc/net/dev; ls -d greet greet-1.0/greet
        cat /proc/sys/kernel/hostname; echo apart >&2; exit 42
        """;

    [Theory]
    [InlineData(Debian, "greet-fail_1.0.dsc", "greet")]
    [InlineData(Rpm, "greet-fail-1.0-1.src.rpm", "greet-1.0/greet")]
    public async Task A_command_runs_in_the_tree_of_the_failed_build_as_the_build_did(
        string platform,
        string source,
        string compiled
    )
    {
        var farm = await FailedAsync(platform, source);

        var process = Start(farm, platform, "--", "sh", "-c", LookAround);
        var done = await process.EndAsync(LongestBuild);

        done.ExitCode.Should().Be(42, "it is the command's own, but it printed:\n{0}", done);
        done.Output.Split('\n')
            .Should()
            .Contain(["2001", "Seccomp:\t2", "NoNewPrivs:\t1", compiled, "builder"])
            .And.Contain("1", "there is one network device, the loopback");
        done.Output.Should().NotContain("apart");
        done.Error.Should().Contain("apart").And.Contain("failed: test:");
        NothingIsLeft(process.Id);
    }

    [Fact]
    public async Task A_fresh_root_has_the_source_and_nothing_of_the_build()
    {
        var farm = await FailedAsync(Debian, "greet-fail_1.0.dsc");

        var done = await Start(farm, Debian, "--fresh", "--", "ls").EndAsync(LongestBuild);

        done.ExitCode.Should().Be(0, "but it printed:\n{0}", done);
        done.Output.Split('\n').Should().Contain("main.c").And.NotContain("greet");
    }

    [Fact]
    public async Task Nobody_else_is_let_in()
    {
        Executable.RequireRoot("only root can become somebody else");
        var farm = await FailedAsync(Debian, "greet-fail_1.0.dsc");
        string[] nobody = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--"];
        string[] words = ["shell", "bad", Debian, "-c", farm.Configuration, "--", "id"];

        var refused = await FarmProcess
            .Start(Executable.Clean([.. nobody, .. Executable.Program, .. words]))
            .EndAsync();

        refused.ExitCode.Should().Be(5, "but it printed:\n{0}", refused);
        refused.Error.Should().Contain($"only root and user '{Executable.User.Name}'");
        refused.Output.Should().BeEmpty();
    }

    [Fact]
    public async Task A_shell_has_a_terminal_with_its_size_and_keys()
    {
        var farm = await FailedAsync(Rpm, "greet-fail-1.0-1.src.rpm");
        using var shell = new TerminalProcess(farm, "shell", "bad", Rpm);
        await shell.ShowsAsync("$ ");

        shell.Type("ls -d gre*; echo \"on $TERM\"\r");
        await shell.ShowsAsync("greet-1.0\r\non vt100");
        await shell.ResizeAsync(41, 123);
        shell.Type("sleep 1; stty size\r");
        await shell.ShowsAsync("41 123");
        // Once it answers it is that program which a key interrupts, and no shell that is about to become it.
        shell.Type("cat\r");
        await shell.ShowsAsync("cat\r\n");
        shell.Type("word\r");
        await shell.ShowsAsync("word\r\nword\r\n");
        shell.Type("\x03");
        await shell.ShowsAsync("$ ");
        shell.Type("echo \"it was $?\"\r");
        await shell.ShowsAsync("it was 130\r\n");
        shell.Type("(setsid sleep 1000 > /dev/null 2>&1 &); exit 7\r");

        (await shell.EndAsync()).Should().Be(7);
        NothingIsLeft(shell.Id);
    }

    [Fact]
    public async Task A_shell_that_is_killed_leaves_nothing_running_and_the_next_one_clears_up()
    {
        var farm = await FailedAsync(Debian, "greet-fail_1.0.dsc");
        var process = Start(farm, Debian, "--fresh", "--", "sh", "-c", "echo in >&2; sleep 1000");
        await process.SaysAsync("in\n");
        process.Send(Signal.Kill);
        await process.EndAsync();
        var left = Directory
            .EnumerateDirectories($"{Cache.Work}/visits", $"{process.Id}-*")
            .Should()
            .ContainSingle()
            .Which;

        (await Remains.RunningAsync(left)).Should().BeEmpty("all of it dies with the command");
        (await Start(farm, Debian, "--fresh", "--", "true").EndAsync(LongestBuild)).ExitCode.Should().Be(0);
        NothingIsLeft(process.Id);
    }

    private async Task<TestFarm> FailedAsync(string platform, string source)
    {
        var farm = await MakeRealFarmAsync();
        (await BuildAsync(farm, platform == Rpm ? Rpm1 : Deb1, "bad", source)).State.Should().Be("failed");
        return farm;
    }

    // What comes after -- is the command's, so that the configuration must come before it.
    private static FarmProcess Start(TestFarm farm, string platform, params string[] words) =>
        farm.Run(FarmProcess.Start(Executable.Start(["shell", "-c", farm.Configuration, "bad", platform, .. words])));

    private static void NothingIsLeft(int process) =>
        Directory.EnumerateDirectories($"{Cache.Work}/visits", $"{process}-*").Should().BeEmpty();
}
