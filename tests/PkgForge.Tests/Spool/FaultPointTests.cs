using System.Reflection;
using AwesomeAssertions;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.Tests.Spool;

public sealed class FaultPointTests
{
    [Theory]
    [InlineData("submit.renamed", "submit.renamed", "kill")]
    [InlineData("submit.renamed:pause", "submit.renamed", "pause")]
    [InlineData("", "", "")]
    [InlineData(null, "", "")]
    public void The_variable_names_a_place_and_an_action(string? value, string name, string action) =>
        FaultPoint.Parse(value).Should().Be((name, action));

    [Theory]
    [InlineData("submit.nowhere")]
    [InlineData("submit.renamed:explode")]
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
