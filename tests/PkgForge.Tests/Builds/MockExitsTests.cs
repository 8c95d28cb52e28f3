using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Mock;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class MockExitsTests
{
    /// <summary>The codes that mock 6.7 documents, beside 0 and those of signals.</summary>
    private static readonly int[] Documented =
    [
        1,
        2,
        3,
        4,
        5,
        6,
        10,
        11,
        20,
        25,
        30,
        31,
        40,
        50,
        60,
        65,
        70,
        80,
        90,
        110,
        120,
    ];

    [Fact]
    public void Every_documented_code_has_its_row() =>
        MockExits.Table.Select(row => row.Code).Should().Equal([.. Documented.Select(code => (int?)code), null]);

    [Theory]
    [InlineData(10, "", nameof(Blame.Package), Cause.Unknown)]
    [InlineData(11, "", nameof(Blame.Package), Cause.Timeout)]
    [InlineData(40, "", nameof(Blame.Package), Cause.Packaging)]
    [InlineData(20, "", nameof(Blame.Farm), Cause.Unknown)]
    [InlineData(60, "", nameof(Blame.Farm), Cause.Unknown)]
    [InlineData(143, "", nameof(Blame.Farm), Cause.Unknown)]
    [InlineData(30, "No matching package to install: 'x-devel'", nameof(Blame.Package), Cause.UnsatisfiableDependency)]
    [InlineData(30, "nothing provides x needed by y", nameof(Blame.Package), Cause.UnsatisfiableDependency)]
    [InlineData(30, "Error: Failed to download metadata", nameof(Blame.Farm), Cause.UnsatisfiableDependency)]
    public void Whose_fault_an_exit_is_is_known(int code, string line, string blame, Cause cause)
    {
        var exit = ToolExit.Find(MockExits.Table, code, MockExits.Build);

        MockExits.Decide(exit, Lines(line)).ToString().Should().Be(blame);
        exit.Cause.Should().Be(cause);
    }

    [Fact]
    public void A_command_that_failed_is_the_packages_fault_when_it_was_rpmbuild_and_the_last()
    {
        var exit = ToolExit.Find(MockExits.Table, 1, MockExits.Build);
        string[] rpmbuild = ["ERROR: Command failed: ", " # bash --login -c /usr/bin/rpmbuild -bb x.spec"];
        string[] mount = ["ERROR: Command failed: ", " # mount -n -t proc proc /proc"];

        MockExits.Decide(exit, Lines(rpmbuild)).Should().Be(Blame.Package);
        MockExits.Decide(exit, Lines(mount)).Should().Be(Blame.Farm);
        MockExits
            .Decide(exit, Lines([.. rpmbuild, .. mount]))
            .Should()
            .Be(Blame.Farm, "what a build prints comes before");
        MockExits.Decide(exit, Lines("something else")).Should().Be(Blame.Farm);
    }

    private static IReadOnlyList<LogLine> Lines(params string[] texts) =>
        [.. texts.Select((text, i) => new LogLine(text, new LogPlace(i, i)))];
}
