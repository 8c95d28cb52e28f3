using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Configuration;
using PkgForge.Sources;
using Xunit;

namespace PkgForge.Tests.Configuration;

public sealed class BuilderSettingsTests
{
    private static readonly PlatformKey Platform = new("f43", "x86_64");

    private static PlatformRecipe Recipe { get; } =
        new()
        {
            Format = PackageFormat.Rpm,
            Suite = "it-s",
            Repositories = new Dictionary<string, string> { ["base"] = "https://example.org/a'b\"c?d=#e&f" },
            ReleaseVersion = "43",
            Tarball = "/srv/root.tar",
            Keyrings = ["/etc/keyring.gpg"],
            CheckSignatures = false,
            Keys = ["file:///etc/key"],
            Packages = ["@core", "rpm-build", "perl(Foo::Bar)"],
            Refresh = TimeSpan.FromMinutes(90.5),
        };

    private static FarmConfiguration Farm { get; } =
        new()
        {
            Platforms = new Dictionary<PlatformKey, PlatformRecipe>
            {
                [Platform] = Recipe,
                [new("sid", "amd64")] = new() { Format = PackageFormat.Debian },
            },
            Limits = new()
            {
                Time = TimeSpan.FromHours(30),
                Root = 5L << 30,
                Memory = 3L << 30,
            },
        };

    [Fact]
    public void What_the_farm_writes_a_builder_reads()
    {
        var told = BuilderSettings.For(new(), Post(BuilderSettings.Write(Farm, Platform)));

        told.Platforms.Keys.Should().Equal([Platform], "other platforms are others' business");
        told.Platforms[Platform].Should().BeEquivalentTo(Recipe);
        told.Limits.Should().Be(Farm.Limits);
    }

    [Fact]
    public void A_builder_is_told_what_drives_its_builds()
    {
        var recipe = Recipe with { Driver = BuildDriver.Mock, MockConfigurations = "/etc/mock", Tarball = "" };
        var farm = Farm with { Platforms = new Dictionary<PlatformKey, PlatformRecipe> { [Platform] = recipe } };

        BuilderSettings
            .For(new(), Post(BuilderSettings.Write(farm, Platform)))
            .Platforms[Platform]
            .Should()
            .BeEquivalentTo(recipe);
    }

    [Fact]
    public void A_builder_is_told_the_limits_of_its_platform()
    {
        var recipe = Recipe with
        {
            Limits = new() { Memory = 8L << 30, Processes = 77 },
        };
        var farm = Farm with { Platforms = new Dictionary<PlatformKey, PlatformRecipe> { [Platform] = recipe } };
        var told = BuilderSettings.For(new(), Post(BuilderSettings.Write(farm, Platform)));

        told.LimitsOf(Platform).Should().Be(farm.Limits with { Memory = 8L << 30, Processes = 77 });
    }

    [Fact]
    public void The_farm_says_nothing_of_a_platform_that_it_has_no_recipe_for() =>
        BuilderSettings.Write(Farm, new("sid", "arm64")).Should().BeNull();

    [Fact]
    public void A_machines_own_recipe_stands_before_the_farms()
    {
        var own = Farm with { Limits = new() };

        BuilderSettings.For(own, Post("nonsense")).Should().BeSameAs(own);
    }

    [Fact]
    public void A_machines_own_limits_stand_before_the_farms()
    {
        var own = new FarmConfiguration { Limits = new() { Root = 1 << 30 } };

        var limits = BuilderSettings.For(own, Post(BuilderSettings.Write(Farm, Platform))).Limits;

        limits.Should().Be(Farm.Limits with { Root = 1 << 30 }, "what this machine does not say is as the farm says");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("limits: { time: 1h }")]
    [InlineData("platform_recipes: { sid-amd64: { format: debian } }")]
    public void Without_a_recipe_anywhere_the_builder_is_refused_and_the_platform_is_named(string? settings) =>
        FluentActions
            .Invoking(() => BuilderSettings.For(new(), Post(settings)))
            .Should()
            .Throw<BuilderRefusedException>()
            .WithMessage("*f43-x86_64*platform_recipes*");

    [Theory]
    [InlineData("registry: sqlite:/tmp/x")]
    [InlineData("platform_recipes: { f43-x86_64: { format: floppy } }")]
    [InlineData("{")]
    public void Settings_that_are_none_are_refused(string settings) =>
        FluentActions
            .Invoking(() => BuilderSettings.For(new(), Post(settings)))
            .Should()
            .Throw<BuilderRefusedException>()
            .WithMessage("*same version*");

    private static BuilderPost Post(string? settings) =>
        new(new BuilderSession("b1", Platform, 1), TimeSpan.FromSeconds(5), settings);
}
