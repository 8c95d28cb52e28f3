using AwesomeAssertions;
using PkgForge.Server.Builds.Rpm;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class RequirementsTests
{
    [Theory]
    [InlineData("gcc")]
    [InlineData("make >= 4")]
    [InlineData("libc.so.6()(64bit)")]
    [InlineData("pkgconfig(glib-2.0) >= 2.50")]
    [InlineData("/usr/bin/patch")]
    [InlineData("python3dist(requests[security])")]
    [InlineData("npm(@babel/core)")]
    [InlineData("(crate(foo/default) >= 1.0.0 with crate(foo/default) < 2.0.0~)")]
    public void What_a_spec_file_can_ask_for_is_handed_on(string requirement) =>
        Requirements.IsPlain(requirement).Should().BeTrue();

    [Theory]
    [InlineData("%(touch harmed)")]
    [InlineData("a%{lua:os.exit()}")]
    [InlineData("a\n%build")]
    [InlineData("a\rb")]
    [InlineData("a\\")]
    [InlineData("a\0b")]
    [InlineData("a\u00e9")]
    [InlineData("#a")]
    [InlineData("-x")]
    [InlineData(" a")]
    [InlineData("")]
    public void What_would_be_more_than_one_line_of_one_is_not(string requirement) =>
        Requirements.IsPlain(requirement).Should().BeFalse();

    [Theory]
    [InlineData("gcc-c++-0:12.2.0-14.x86_64")]
    [InlineData("libfoo-1:2.0~rc1^git3-1.noarch")]
    public void Packages_of_a_record_may_be_installed(string word) => Requirements.IsPackage(word).Should().BeTrue();

    [Theory]
    [InlineData("http://example.org/evil.rpm")]
    [InlineData("/tmp/evil.rpm")]
    [InlineData("evil.RPM")]
    [InlineData("file:evil-1-1.noarch")]
    [InlineData("HTTP:evil")]
    [InlineData("@core")]
    [InlineData("*")]
    [InlineData("lib[a-z]")]
    [InlineData("--installroot=/")]
    [InlineData("(gcc if clang)")]
    [InlineData("a b")]
    [InlineData("")]
    public void What_dnf_would_take_for_more_than_a_package_may_not(string word) =>
        Requirements.IsPackage(word).Should().BeFalse();

    [Fact]
    public void Versions_and_what_rpm_itself_must_have_are_no_names()
    {
        var read = Requirements.Read(
            "warning: x\nneeds make >= 4\nneeds rpmlib(RichDependencies) <= 4.12.0-1\nneeds (a or b)  \nneeds make >= 4\n"
        );

        read.Should().Equal("make >= 4", "(a or b)");
        Requirements
            .Names(read)
            .Should()
            .BeEquivalentTo<string[]>([
                ["make"],
                ["a", "b"],
            ]);
    }
}
