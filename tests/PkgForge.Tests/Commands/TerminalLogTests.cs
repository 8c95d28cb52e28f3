using System.Text;
using AwesomeAssertions;
using PkgForge.Cli;
using Xunit;

namespace PkgForge.Tests.Commands;

public sealed class TerminalLogTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a\n\nb", "a\n\nb")]
    [InlineData("a\r\nb\n", "a\nb\n")]
    [InlineData("==> 12:00:00 farm\n==\\> build\n\e[K==> fake\n", "==> 12:00:00 farm\n==\\> build\n==\\> fake\n")]
    [InlineData("==> 12:00:00 \e]0;x\a\n", "==> 12:00:00 ^[]0;x^G\n")]
    public async Task Lines_stay_lines_and_only_the_farms_look_like_the_farms(string log, string shown) =>
        (await PrintAsync(log)).Should().Be(shown);

    [Fact]
    public async Task A_line_that_is_printed_in_pieces_is_whole()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i} ")) + "==> no line begins here";
        (await PrintAsync($"{text}\nnext\n")).Should().Be($"{text}\nnext\n");
    }

    private static async Task<string> PrintAsync(string log)
    {
        using var terminal = new StringWriter();
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(log));
        await TerminalLog.PrintAsync(stream, terminal, TestContext.Current.CancellationToken);
        return terminal.ToString();
    }
}
