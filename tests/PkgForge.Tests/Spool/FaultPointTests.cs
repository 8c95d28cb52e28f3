using System.Reflection;
using AwesomeAssertions;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.Tests.Spool;

public sealed class FaultPointTests
{
    [Theory]
    [InlineData("submit.renamed", "submit.renamed", "kill", 1)]
    [InlineData("submit.renamed:pause", "submit.renamed", "pause", 1)]
    [InlineData("registry.worked:kill:3", "registry.worked", "kill", 3)]
    [InlineData("", "", "", 0)]
    [InlineData(null, "", "", 0)]
    public void The_variable_names_a_place_an_action_and_how_often(
        string? value,
        string name,
        string action,
        int times
    ) => FaultPoint.Parse(value).Should().Be((name, action, times));

    [Theory]
    [InlineData("submit.nowhere")]
    [InlineData("submit.renamed:explode")]
    [InlineData("submit.renamed:kill:0")]
    [InlineData("submit.renamed:kill:twice")]
    [InlineData("submit.renamed:kill:1:2")]
    public void A_place_or_action_that_is_none_is_an_error(string value) =>
        FluentActions.Invoking(() => FaultPoint.Parse(value)).Should().Throw<FormatException>();

    [Fact]
    public void Every_place_is_in_the_list_once() =>
        typeof(FaultPoints)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral)
            .Select(field => (string)field.GetRawConstantValue()!)
            .Should()
            .BeEquivalentTo(FaultPoints.All);
}
