using AwesomeAssertions;
using PkgForge.Records;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Reproducing;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class RecordedRootTests
{
    [Fact]
    public void Layers_over_the_base_are_one_with_what_is_left_of_each()
    {
        var root = new RecordedRoot(
            [
                Layer("upper", has: ["tool 2 all", "more 1 all"], without: ["tool 1 all", "base-old 1 all"]),
                Layer("lower", has: ["tool 1 all", "lib 1 all"], without: ["lib 0 all"]),
                Layer("base", has: ["lib 0 all", "base-old 1 all"], without: []),
            ],
            null
        );

        root.Dependencies.Name.Should().Be("upper");
        root.Dependencies.Packages.Select(p => p.ToString()).Should().Equal("lib 1 all", "tool 2 all", "more 1 all");
        root.Dependencies.Without.Select(p => p.ToString()).Should().Equal("lib 0 all", "base-old 1 all");
    }

    private static RecordedLayer Layer(string name, string[] has, string[] without) =>
        new(name, "", Packages(has), Packages(without));

    private static RecordedPackage[] Packages(string[] texts) =>
        [.. texts.Select(text => RecordedPackage.Parse(text)!)];
}
