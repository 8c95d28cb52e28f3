using AwesomeAssertions;
using PkgForge.Server.Builds.Rpm;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>Conditions of the kinds that rpm's manual of boolean dependencies names.</summary>
public sealed class BooleanDependencyTests
{
    [Theory]
    [InlineData("(a or b or c)", "a|b|c")]
    [InlineData("(a and b)", "a;b")]
    [InlineData("(a >= 1.0 with a < 2.0~)", "a")]
    [InlineData("(crate(x/default) >= 1 with crate(x/default) < 2)", "crate(x/default)")]
    [InlineData("(a if b)", "a")]
    [InlineData("(a if b else c)", "a;c")]
    [InlineData("(a unless b = 1)", "a")]
    [InlineData("(a without b)", "a")]
    [InlineData("(a if (b and c) else (d or e))", "a;d;e")]
    [InlineData("((a if b) and c)", "a;c")]
    [InlineData("((a without (b or c)) or d)", "a;d")]
    [InlineData("(libx.so.6()(64bit) and a)", "libx.so.6()(64bit);a")]
    public void Names_that_are_needed_are_found(string condition, string groups) =>
        string.Join(';', BooleanDependency.Names(condition).Select(group => string.Join('|', group)))
            .Should()
            .Be(groups);

    [Theory]
    [InlineData("(")]
    [InlineData("(a")]
    [InlineData("(a or")]
    [InlineData("((((")]
    [InlineData("(a))))) if if )")]
    public void What_is_no_condition_harms_nothing(string condition) =>
        BooleanDependency.Names(condition).SelectMany(group => group).Should().BeSubsetOf(["a", ""]);
}
