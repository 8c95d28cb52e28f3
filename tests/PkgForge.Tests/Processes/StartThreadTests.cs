using AwesomeAssertions;
using PkgForge.Server.Processes;
using Xunit;

namespace PkgForge.Tests.Processes;

public sealed class StartThreadTests
{
    [Fact]
    public async Task A_sandboxed_tool_outlives_the_thread_that_asked_for_it()
    {
        Task<ToolResult>? running = null;
        var asking = new Thread(() =>
            running = Tool.RunAsync(Sandbox.Wrap(new Command("sleep", "0.5"), []), new CapturedOutput())
        );
        asking.Start();
        asking.Join();

        (await running!).Should().BeEquivalentTo(new { End = ToolEnd.Exited, ExitCode = 0 });
    }

    [Fact]
    public async Task A_tool_that_is_not_there_is_named()
    {
        var running = () => Tool.RunAsync(new Command("no-such-tool"), new CapturedOutput());

        (await running.Should().ThrowAsync<FarmFaultException>()).WithMessage("cannot start no-such-tool*");
    }
}
