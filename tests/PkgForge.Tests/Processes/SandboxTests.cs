using AwesomeAssertions;
using PkgForge.Server.Processes;
using Xunit;

namespace PkgForge.Tests.Processes;

public sealed class SandboxTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("pkgforge-sandbox-").FullName;

    public SandboxTests()
    {
        foreach (var name in new[] { "readable", "readable/writable", "secret" })
            Directory.CreateDirectory($"{root}/{name}");
        File.WriteAllText($"{root}/readable/file", "content");
        File.WriteAllText($"{root}/secret/key", "secret");
    }

    [Fact]
    public async Task A_tool_reads_what_it_was_given_and_writes_where_it_may()
    {
        var (code, _) = await RunAsync("cp", $"{root}/readable/file", $"{root}/readable/writable/copy");
        code.Should().Be(0);
        File.ReadAllText($"{root}/readable/writable/copy").Should().Be("content");
    }

    [Fact]
    public async Task A_tool_writes_nowhere_else()
    {
        (await RunAsync("touch", $"{root}/readable/new")).Code.Should().NotBe(0);
        (await RunAsync("touch", "/usr/new")).Code.Should().NotBe(0);
        await RunAsync("touch", "/tmp/pkgforge-sandbox-escaped");
        File.Exists("/tmp/pkgforge-sandbox-escaped").Should().BeFalse();
    }

    [Theory]
    [InlineData("/root")]
    [InlineData("/home")]
    [InlineData("/run")]
    [InlineData("/var/lib")]
    [InlineData("/etc/shadow")]
    [InlineData("/etc/pkgforge")]
    public async Task A_tool_does_not_see_the_rest_of_the_machine(string path) =>
        (await RunAsync("ls", path)).Code.Should().NotBe(0);

    [Fact]
    public async Task A_tool_does_not_see_the_farms_other_directories() =>
        (await RunAsync("cat", $"{root}/secret/key")).Code.Should().NotBe(0);

    [Fact]
    public async Task A_tool_has_no_network_no_rights_and_no_other_processes()
    {
        (await RunAsync("cat", "/proc/net/dev")).Output.Should().Contain("lo:").And.NotContain("eth");
        (await RunAsync("grep", "CapEff", "/proc/self/status")).Output.Should().Contain("0000000000000000");
        (await RunAsync("grep", "NoNewPrivs", "/proc/self/status")).Output.Should().Contain("1");
        (await RunAsync("ls", "/proc")).Output.Should().NotContain($"\n{Environment.ProcessId}\n");
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private async Task<(int Code, string Output)> RunAsync(string tool, params string[] arguments)
    {
        var output = new CapturedOutput();
        var command = Sandbox.Wrap(new(tool, arguments), [$"{root}/readable"], $"{root}/readable/writable");
        var result = await Tool.RunAsync(command, output);
        return (result.ExitCode, output.Text);
    }
}
