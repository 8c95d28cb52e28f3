using System.Text;
using AwesomeAssertions;
using PkgForge.Logs;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class LogExcerptTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-test-").FullName;

    private string LogPath => $"{directory}/log";

    [Fact]
    public void Ten_lines_before_the_evidence_and_five_after_it_have_their_numbers()
    {
        var lines = Write(Enumerable.Range(1, 100).Select(i => $"line {i}"));

        var excerpt = LogExcerpt.Read(LogPath, PlaceOf(lines, 50));

        excerpt.Select(line => line.Number).Should().Equal(Enumerable.Range(40, 16).Select(i => (long)i));
        excerpt.Should().OnlyContain(line => line.Text == $"line {line.Number}");
        excerpt.Single(line => line.IsEvidence).Number.Should().Be(50);
        LogExcerpt.Render(excerpt).Should().Contain("  49  line 49").And.Contain("> 50  line 50");
    }

    [Fact]
    public async Task Of_a_stored_log_it_is_the_same()
    {
        var lines = Write(Enumerable.Range(1, 40_000).Select(i => $"line {i}"));
        var plain = LogExcerpt.Read(LogPath, PlaceOf(lines, 30_000));

        await LogStoring.StoreAsync(LogPath, CancellationToken.None);

        File.Exists(LogPath).Should().BeFalse();
        LogExcerpt.Read(LogPath, PlaceOf(lines, 30_000)).Should().Equal(plain).And.HaveCount(16);
        LogExcerpt.Read(LogPath, new(1_000_000, 100_000)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(1, 1, 6)]
    [InlineData(3, 1, 8)]
    [InlineData(20, 10, 20)]
    [InlineData(18, 8, 20)]
    public void At_the_ends_of_a_log_there_are_fewer(int evidence, int first, int last)
    {
        var lines = Write(Enumerable.Range(1, 20).Select(i => $"line {i}"));

        var excerpt = LogExcerpt.Read(LogPath, PlaceOf(lines, evidence));

        excerpt
            .Select(line => line.Number)
            .Should()
            .Equal(Enumerable.Range(first, last - first + 1).Select(i => (long)i));
        excerpt.Should().OnlyContain(line => line.Text == $"line {line.Number}");
    }

    [Fact]
    public void Lines_are_bounded_and_bring_no_control_codes()
    {
        var lines = Write([new string('x', 1 << 20), "\e]0;owned\a\e[2J", new string('y', 1 << 20)]);

        var excerpt = LogExcerpt.Read(LogPath, PlaceOf(lines, 2));

        excerpt.Single(line => line.IsEvidence).Text.Should().Be("^[]0;owned^G");
        excerpt.Should().OnlyContain(line => line.Text.Length <= 503);
    }

    [Fact]
    public void A_log_that_does_not_reach_so_far_has_none()
    {
        Write(["short"]);

        LogExcerpt.Read(LogPath, new(1000, 10)).Should().BeEmpty();
        LogExcerpt.Read(LogPath, new(long.MaxValue, long.MaxValue)).Should().BeEmpty();
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private List<string> Write(IEnumerable<string> lines)
    {
        var list = lines.ToList();
        File.WriteAllText(LogPath, string.Concat(list.Select(line => $"{line}\n")));
        return list;
    }

    private static LogPlace PlaceOf(List<string> lines, int number) =>
        new(lines.Take(number - 1).Sum(line => Encoding.UTF8.GetByteCount(line) + 1), number);
}
