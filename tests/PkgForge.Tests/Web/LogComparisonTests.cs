using AwesomeAssertions;
using PkgForge.Registry.Views;
using PkgForge.Web.Attempts;
using PkgForge.Web.Logs;
using Xunit;

namespace PkgForge.Tests.Web;

public sealed class LogComparisonTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-logs-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Times_and_names_of_layers_are_no_differences()
    {
        var changes = Compare(
            "==> 10:00:00 a on p, attempt 1\n==> 10:00:01 source: a_1.dsc\n==> 10:00:02 root: deps-0123456789abcdef over x\nmake\n",
            "==> 11:11:11 b on p, attempt 2\n==> 11:11:12 source: a_2.dsc\n==> 11:11:13 root: deps-fedcba9876543210 over x\nmake\n"
        );

        changes.Differs.Should().BeNull();
        changes.Lines.Should().BeEmpty();
    }

    [Fact]
    public void The_first_stage_that_differs_is_named_with_its_lines_and_how()
    {
        var changes = Compare(
            "==> 10:00:01 source: a_1.dsc\n==> 10:00:02 dependencies: x\nsame\n==> 10:00:03 build: make\none\ntwo\nthree\nfour\n",
            "==> 10:00:01 source: a_2.dsc\n==> 10:00:02 dependencies: x\nsame\n==> 10:00:03 build: make\none\ntwo\n3\nfour\n"
        );

        changes.Differs.Should().Be(new StageChangeJson("build: make", 4, "build: make", 4));
        changes
            .Lines.Should()
            .Equal(
                new(5, 5, "one"),
                new(6, 6, "two"),
                new(7, null, "three"),
                new(null, 7, "3"),
                new DiffLineJson(8, 8, "four")
            );
        (changes.Before.Lines, changes.After.Lines).Should().Be((8, 8));
    }

    [Fact]
    public void Where_a_build_failed_its_stage_is_shown_also_when_another_differed_before()
    {
        var changes = Compare(
            "==> 10:00:01 source: a_1.dsc\n==> 10:00:02 dependencies: x\nold\n==> 10:00:03 build: make\nok\n==> 10:00:04 products: a.deb\n",
            "==> 10:00:01 source: a_2.dsc\n==> 10:00:02 dependencies: x\nnew\n==> 10:00:03 build: make\nmain.c:1: error\n==> 10:00:04 failed: compile\n",
            evidence: 5
        );

        changes.Differs!.After.Should().Be("dependencies: x");
        changes.Lines.Should().Contain(new DiffLineJson(null, 5, "main.c:1: error"));
    }

    [Fact]
    public void Of_other_sources_in_the_same_log_nothing_counts()
    {
        var changes = Compare(
            "==> 10:00:01 source: b_1.dsc\nx\n==> 10:00:02 source: a_1.dsc\nmake\n==> 10:00:03 source: c_1.dsc\ny\n",
            "==> 10:00:01 source: a_2.dsc\nmake\n"
        );

        changes.Differs.Should().BeNull();
    }

    [Fact]
    public void Of_long_logs_a_bounded_part_is_compared_and_shown()
    {
        string Log(string word) =>
            $"==> 10:00:01 source: a_{word}.dsc\n==> 10:00:02 build: make\n"
            + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"line {i} {word}\n"));

        var changes = Compare(Log("1"), Log("2"));

        changes.Cut.Should().BeTrue();
        changes.Lines.Should().HaveCount(200);
        changes.Lines[^1].Text.Should().Be("line 99999 2");
    }

    private LogChangesJson Compare(string before, string after, long? evidence = null)
    {
        File.WriteAllText($"{directory}/before", before);
        File.WriteAllText($"{directory}/after", after);
        return new LogComparison(new($"{directory}/before"), new($"{directory}/after")).Compare(
            ("a_1.dsc", "a_2.dsc"),
            (null, null),
            evidence
        );
    }
}
