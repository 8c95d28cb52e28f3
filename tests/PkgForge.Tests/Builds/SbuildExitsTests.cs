using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Sbuild;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class SbuildExitsTests
{
    [Theory]
    [InlineData(0, "arch-check", nameof(Blame.Package), Cause.Packaging)]
    [InlineData(1, "create-session", nameof(Blame.Farm), Cause.Unknown)]
    [InlineData(1, "", nameof(Blame.Farm), Cause.Unknown)]
    [InlineData(1, "parse-changes", nameof(Blame.Package), Cause.Packaging)]
    [InlineData(2, "build", nameof(Blame.Package), Cause.Unknown)]
    [InlineData(3, "install-deps", nameof(Blame.Words), Cause.UnsatisfiableDependency)]
    [InlineData(3, "unpack", nameof(Blame.Package), Cause.Patch)]
    [InlineData(3, "apt-get-update", nameof(Blame.Farm), Cause.Unknown)]
    [InlineData(3, "fetch-src", nameof(Blame.Farm), Cause.Unknown)]
    [InlineData(137, "", nameof(Blame.Farm), Cause.Unknown)]
    [InlineData(255, "build", nameof(Blame.Farm), Cause.Unknown)]
    public void Every_exit_is_somebodys_fault(int code, string stage, string blame, Cause cause)
    {
        var exit = ToolExit.Find(SbuildExits.Table, code, stage);

        exit.Blame.ToString().Should().Be(blame);
        exit.Cause.Should().Be(cause);
    }

    [Fact]
    public void The_stage_is_sbuilds_word_and_not_that_of_a_build_which_prints_one()
    {
        string[] log =
        [
            "| Summary                   |",
            "Fail-Stage: apt-get-update",
            "dpkg-buildpackage: error: it failed",
            "--------------------------",
            "Build finished at 2026-11-26T13:44:21Z",
            "E: Build failure (dpkg-buildpackage died)",
            "| Summary                   |",
            "Build-Time: 1",
            "Fail-Stage: build",
            "Status: attempted",
        ];

        SbuildExits.Stage(log).Should().Be("build");
        SbuildExits.OfBuild(Lines(log))[^1].Text.Should().Be("dpkg-buildpackage: error: it failed");
        SbuildExits.Stage(["| Summary", "Fail-Stage: build", "| Summary", "Status: successful"]).Should().Be("");
    }

    [Theory]
    [InlineData("E: Failed to fetch http://deb.example.org/x.deb  404  Not Found", true)]
    [InlineData("E: Sub-process /usr/bin/dpkg returned an error code (1)", false)]
    [InlineData("E: Unable to correct problems, you have held broken packages.", false)]
    [InlineData(" x : Depends: nosuchthing-dev but it is not installable", false)]
    public void A_mirror_that_fails_is_told_from_a_dependency_that_nobody_has(string line, bool farm) =>
        SbuildExits.IsFarmsFault([line]).Should().Be(farm);

    [Theory]
    [InlineData("Get:1 file:/pkgforge/main bookworm/main amd64 lib amd64 1.0 [848 B]", true)]
    [InlineData("Get:12 copy:/build/resolver-abcdef/apt_archive ./ lib 1:1.0-1 [848 B]", true)]
    [InlineData(
        "Get:1 copy:/build/resolver-abcdef/apt_archive ./ sbuild-build-depends-main-dummy 0.invalid.0 [852 B]",
        false
    )]
    [InlineData("Get:1 file:/pkgforge/main bookworm/main amd64 Packages [631 B]", false)]
    [InlineData("Get:2 copy:/build/resolver-abcdef/apt_archive ./ Packages [631 B]", false)]
    [InlineData("Get:1 http://deb.debian.org/debian bookworm/main amd64 m4 amd64 1.4.19-3 [287 kB]", false)]
    public void What_the_farm_has_built_is_told_from_what_the_distribution_has(string line, bool farms) =>
        SbuildExits.InstallsFarmsPackages([line]).Should().Be(farms);

    private static IReadOnlyList<LogLine> Lines(params string[] texts) =>
        [.. texts.Select((text, i) => new LogLine(text, new LogPlace(i, i)))];
}
