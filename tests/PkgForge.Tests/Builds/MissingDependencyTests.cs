using AwesomeAssertions;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Failures;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class MissingDependencyTests
{
    [Theory]
    [InlineData("No match for argument: libfoo-devel >= 2", "libfoo-devel >= 2")]
    [InlineData(
        "- nothing provides libbar = 3 needed by libfoo-1-1.x86_64 from tiny",
        "libbar = 3 needed by libfoo-1-1.x86_64"
    )]
    [InlineData(
        " builddeps:/build/x_1.dsc : Depends: libfoo-dev (>= 2) but 1.0-1 is to be installed",
        "libfoo-dev (>= 2)"
    )]
    [InlineData("No matching package to install: 'make > 99'", "make > 99")]
    [InlineData(" - nothing provides requested (a or (b with b >= 1))", "(a or (b with b >= 1))")]
    [InlineData("Error: Unable to find a match", null)]
    [InlineData(null, null)]
    public void What_is_missing_is_read_out_of_the_complaint(string? complaint, string? missing) =>
        MissingDependency.In(complaint).Should().Be(missing);
}
