using AwesomeAssertions;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Failures;
using PkgForge.Sources;
using PkgForge.Tests.Sources;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class LookedAtTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void All_places_are_named_and_of_products_only_those_that_can_be_installed()
    {
        foreach (var name in new[] { "a.deb", "b.deb", "a.changes" })
            scratch.Write(name, "x");
        var recipe = new PlatformRecipe
        {
            Format = PackageFormat.Debian,
            Suite = "bookworm",
            Components = ["main", "contrib"],
            Repositories = new Dictionary<string, string> { ["own"] = "https://me:secret@example.org/debian own main" },
        };

        Describe(recipe, ".deb", "tools", "main")
            .Should()
            .Be(
                "http://deb.debian.org/debian bookworm main contrib, https://example.org/debian own main, "
                    + "bucket tools, bucket main, and 2 products of this job"
            );
    }

    [Fact]
    public void One_place_and_two_places_are_told_as_people_do()
    {
        var recipe = new PlatformRecipe
        {
            Format = PackageFormat.Rpm,
            Repositories = new Dictionary<string, string> { ["tiny"] = "file:///srv/tiny" },
        };

        Describe(recipe, ".rpm").Should().Be("file:///srv/tiny");
        scratch.Write("a.rpm", "x");
        Describe(recipe, ".rpm").Should().Be("file:///srv/tiny and 1 product of this job");
    }

    private string Describe(PlatformRecipe recipe, string suffix, params string[] buckets) =>
        LookedAt.Describe(
            recipe,
            new(
                new DummySource(scratch["x.dummy"]),
                scratch.Path,
                [.. buckets.Select(name => new PkgForge.Registry.Builders.RepositoryReference(name, "/", "1"))],
                null!
            )
            {
                Bucket = "main",
            },
            suffix
        );
}
