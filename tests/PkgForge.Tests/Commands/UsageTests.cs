using AwesomeAssertions;
using PkgForge.Cli;
using PkgForge.Cli.Commands;
using Xunit;

namespace PkgForge.Tests.Commands;

public sealed class UsageTests
{
    [Theory]
    [MemberData(nameof(DocumentationTests.CommandNames), MemberType = typeof(DocumentationTests))]
    public void Help_is_given_without_what_the_command_needs(string name)
    {
        var words = name.Split(' ')[1..];

        Usage.Check(Root.Create().Parse([.. words, "--help"])).Should().BeNull();
    }

    [Theory]
    [InlineData("submit")]
    [InlineData("platform add bookworm")]
    [InlineData("status --nonsense")]
    [InlineData("nonsense --help")]
    public void What_is_missing_or_unknown_is_a_wrong_use(string words) =>
        Usage.Check(Root.Create().Parse(words.Split(' '))).Should().Be(ExitCode.Usage);
}
