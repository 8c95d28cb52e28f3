using AwesomeAssertions;
using PkgForge.Server.Builds;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class DrivenWordsTests
{
    [Theory]
    [InlineData("hello_2.10-3.dsc")]
    [InlineData("gcc-12_12.2.0-14+deb12u1.debian.tar.xz")]
    [InlineData("hello-2.12~rc1^git1-1.fc43.src.rpm")]
    [InlineData("linux-any")]
    [InlineData("amd64")]
    public void Names_that_distributions_give_are_handed_on(string word) => DrivenWords.IsPlain(word).Should().BeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("--help")]
    [InlineData("-D.src.rpm")]
    [InlineData(".hidden")]
    [InlineData("a b.dsc")]
    [InlineData("a;id.dsc")]
    [InlineData("$(id).dsc")]
    [InlineData("`id`.dsc")]
    [InlineData("a|b.dsc")]
    [InlineData("a\n.dsc")]
    [InlineData("../a.dsc")]
    [InlineData("a'.dsc")]
    [InlineData("all');system('id');('")]
    [InlineData("%d.dsc")]
    [InlineData("{{a}}.src.rpm")]
    [InlineData("http://a.example/a.dsc")]
    [InlineData("ä.dsc")]
    public void What_a_shell_or_a_program_would_read_is_not(string word) =>
        DrivenWords.IsPlain(word).Should().BeFalse();

    [Fact]
    public void Of_all_hostile_names_only_those_are_that_are_plain_words_to_anybody()
    {
        var handedOn = HostileNames.Accepted(DrivenWords.IsPlain);

        handedOn.Should().NotBeEmpty().And.OnlyContain(name => HostileNames.IsPlainWord(name));
    }
}
