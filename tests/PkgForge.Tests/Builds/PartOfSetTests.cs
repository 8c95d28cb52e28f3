using AwesomeAssertions;
using PkgForge.Server.Builds;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class PartOfSetTests
{
    private const string Needed = "a.deb 1 SHA256:aa\nb.deb 2 SHA256:bb\nc.deb 3 SHA256:cc";

    [Theory]
    [InlineData("a.deb 1 SHA256:aa", true)]
    [InlineData("a.deb 1 SHA256:aa\nc.deb 3 SHA256:cc", true)]
    [InlineData("", false)]
    [InlineData("a.deb 1 SHA256:other", false)]
    [InlineData("a.deb 1 SHA256:aa\nd.deb 4 SHA256:dd", false)]
    public void A_layer_is_a_part_when_it_has_nothing_that_is_not_needed(string has, bool isPart) =>
        (PartOfSet.From("deps-1", has, Needed) is not null).Should().Be(isPart);

    [Fact]
    public void A_layer_with_a_package_that_the_farm_has_built_is_never_a_part()
    {
        var has = $"a.deb 1 SHA256:aa{PartOfSet.Farm}";

        PartOfSet.From("deps-1", has, $"{has}\nb.deb 2 SHA256:bb").Should().BeNull();
    }

    [Theory]
    [InlineData("b.deb 2 SHA256:bb\nc.deb 3 SHA256:cc", true)]
    [InlineData("c.deb 3 SHA256:cc\nb.deb 2 SHA256:bb", true)]
    [InlineData("b.deb 2 SHA256:bb", false)]
    [InlineData("b.deb 2 SHA256:bb\nd.deb 4 SHA256:dd", false)]
    [InlineData(Needed, false)]
    [InlineData("", false)]
    public void The_rest_is_what_it_has_not(string rest, bool isRest) =>
        PartOfSet.From("deps-1", "a.deb 1 SHA256:aa", Needed)!.IsRest(rest).Should().Be(isRest);
}
