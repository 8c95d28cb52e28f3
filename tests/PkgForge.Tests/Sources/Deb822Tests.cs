using AwesomeAssertions;
using CsCheck;
using PkgForge.Sources.Debian;
using Xunit;

namespace PkgForge.Tests.Sources;

/// <summary>Control files as in Debian Policy 5.1.</summary>
public sealed class Deb822Tests
{
    [Fact]
    public void Fields_continue_and_paragraphs_end_at_empty_lines()
    {
        var paragraphs = Read("\nSource:  tiny \nFiles:\n a 1\n\tb 2\n .\n\n\nPackage:x\nempty:\n");
        paragraphs.Should().HaveCount(2);
        paragraphs[0]["source"].Should().Be("tiny");
        paragraphs[0]["Files"].Should().Be("a 1\nb 2\n.");
        paragraphs[0].Names.Should().Equal("Source", "Files");
        paragraphs[1]["Package"].Should().Be("x");
        paragraphs[1]["Empty"].Should().BeEmpty();
        paragraphs[1]["Other"].Should().BeNull();
    }

    [Fact]
    public void The_last_line_need_not_end() => Read("A: 1\nB: 2")[0]["B"].Should().Be("2");

    [Theory]
    [InlineData("A: 1\na: 2\n", "twice")]
    [InlineData("A: 1\nB: 2\nA: 3", "line 3")]
    [InlineData(" x\n", "line 1")]
    [InlineData("A: 1\n\n x\n", "line 3")]
    [InlineData("A\n", "FIELD: VALUE")]
    [InlineData(": x\n", "FIELD: VALUE")]
    [InlineData("-A: x\n", "field name")]
    [InlineData("A B: x\n", "field name")]
    [InlineData("\u00c4: x\n", "field name")]
    [InlineData("A: x\r\n", "control character")]
    [InlineData("A: \0\n", "control character")]
    [InlineData("A: x\n\u007f", "control character")]
    [InlineData("A: 1\n# no comment\n", "FIELD: VALUE")]
    public void What_is_not_well_formed_is_refused_with_its_line(string text, string message) =>
        Error(text).Should().Contain("line").And.Contain(message);

    [Fact]
    public void Comments_are_left_out_where_they_are_allowed()
    {
        Deb822.TryParse("# x\nA: 1\n# y\n 2\n", comments: true, out var paragraphs, out _).Should().BeTrue();
        paragraphs![0]["A"].Should().Be("1\n2");
    }

    [Fact]
    public void What_is_too_long_or_too_much_is_refused()
    {
        Error("A: " + new string('x', Deb822.MaxLine)).Should().Contain("longer");
        Error(new string('\n', Deb822.MaxLength + 1)).Should().Contain("longer");
        Error(string.Concat(Enumerable.Range(0, Deb822.MaxFields + 1).Select(i => $"A{i}:\n")))
            .Should()
            .Contain("more than");
    }

    [Fact]
    public void Any_text_is_read_or_refused_without_an_exception() =>
        Gen.String[Gen.Char["AB:# \n\t-.\r\0ä"], 0, 80]
            .Sample(
                text => Deb822.TryParse(text, comments: false, out _, out var error) || error!.Length > 0,
                iter: 5000
            );

    [Fact]
    public void Fields_come_back_as_they_were_written() =>
        Gen.Select(Gen.String[Gen.Char['a', 'z'], 1, 8], Gen.String[Gen.Char["ab:#-. "], 0, 20])
            .Array[1, 10]
            .Where(fields => fields.Select(f => f.Item1).Distinct().Count() == fields.Length)
            .Sample(fields =>
            {
                var paragraph = Read(string.Concat(fields.Select(f => $"{f.Item1}: {f.Item2}\n")))[0];
                return fields.All(f => paragraph[f.Item1] == f.Item2.Trim());
            });

    private static IReadOnlyList<Deb822Paragraph> Read(string text)
    {
        Deb822.TryParse(text, comments: false, out var paragraphs, out var error).Should().BeTrue(error);
        return paragraphs!;
    }

    private static string? Error(string text) =>
        Deb822.TryParse(text, comments: false, out _, out var error) ? null : error;
}
