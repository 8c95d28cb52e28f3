using AwesomeAssertions;
using PkgForge.Server.Builds.Rpm;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class RequirementsTests
{
    [Theory]
    [InlineData("gcc")]
    [InlineData("make >= 4")]
    [InlineData("gcc-c++")]
    [InlineData("libc.so.6()(64bit)")]
    [InlineData("pkgconfig(glib-2.0) >= 2.50")]
    [InlineData("/usr/bin/patch")]
    [InlineData("perl(Test::More)")]
    [InlineData("epoch-package = 1:2.0-3~rc1")]
    public void Names_provides_and_paths_may_be_installed(string requirement) =>
        Requirements.IsPlain(requirement).Should().BeTrue();

    [Theory]
    [InlineData("http://example.org/evil.rpm")]
    [InlineData("https://example.org/evil")]
    [InlineData("/tmp/evil.rpm")]
    [InlineData("evil.RPM")]
    [InlineData("./evil.rpm")]
    [InlineData("file:/var/tmp/evil")]
    [InlineData("HTTP:/example.org/evil")]
    [InlineData("https:evil")]
    [InlineData("@core")]
    [InlineData("*")]
    [InlineData("lib[a-z]")]
    [InlineData("--installroot=/")]
    [InlineData("-x")]
    [InlineData("(gcc if clang)")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("")]
    public void What_dnf_would_take_for_more_than_a_name_may_not(string requirement) =>
        Requirements.IsPlain(requirement).Should().BeFalse();
}
