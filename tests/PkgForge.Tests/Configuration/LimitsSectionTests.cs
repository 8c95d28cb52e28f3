using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Server.Builds;
using PkgForge.Server.Configuration;
using Xunit;

namespace PkgForge.Tests.Configuration;

public sealed class LimitsSectionTests : IDisposable
{
    private static readonly PlatformKey Big = new("big", "amd64");
    private static readonly PlatformKey Plain = new("plain", "amd64");

    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-test-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void A_platforms_limits_stand_before_the_general_ones_key_by_key()
    {
        var configuration = Load(
            """
            platform_recipes:
              plain-amd64: { format: debian }
              big-amd64: { format: debian, limits: { memory: 16G, time: 1d } }
            limits: { memory: 4G, processes: 100, root: 2G }
            """
        );

        configuration.LimitsOf(Plain).Should().Be(configuration.Limits);
        configuration
            .LimitsOf(Big)
            .Should()
            .Be(configuration.Limits with { Memory = 16L << 30, Time = TimeSpan.FromDays(1) });
        (configuration.Limits.Memory, configuration.Limits.Processes).Should().Be((4L << 30, 100));
    }

    [Fact]
    public void Every_limit_can_be_a_platforms_own()
    {
        var configuration = Load(
            """
            platform_recipes:
              big-amd64:
                format: rpm
                gpgcheck: false
                limits: { time: 1s, silence: 2s, log: 3K, root: 4K, top: disk, memory: 64M, processes: 6, parallel: 7, side_by_side: 8 }
            """
        );

        configuration
            .LimitsOf(Big)
            .Should()
            .Be(
                new BuildLimits
                {
                    Time = TimeSpan.FromSeconds(1),
                    Silence = TimeSpan.FromSeconds(2),
                    Log = 3 << 10,
                    Root = 4 << 10,
                    Top = TopPlace.Disk,
                    Memory = 64 << 20,
                    Processes = 6,
                    Parallel = 7,
                    SideBySide = 8,
                }
            );
    }

    [Fact]
    public void By_default_there_is_no_limit_of_memory() => Load("limits:\n").Limits.Memory.Should().Be(0);

    [Fact]
    public void A_platform_can_be_without_the_general_limit_of_memory() =>
        Load(
                "limits: { memory: 1G }\nplatform_recipes: { big-amd64: { format: rpm, gpgcheck: false, limits: { memory: 0 } } }"
            )
            .LimitsOf(Big)
            .Memory.Should()
            .Be(0);

    [Theory]
    [InlineData("limits: { memory: 4 }", "*limits: memory*at least 32M, or 0*")]
    [InlineData("limits: { memory: much }", "*limits: memory*a size*")]
    [InlineData(
        "platform_recipes: { big-amd64: { format: rpm, limits: { hurry: 1 } } }",
        "*platform_recipes: big-amd64: limits:*hurry*"
    )]
    [InlineData(
        "platform_recipes: { big-amd64: { format: rpm, limits: { processes: 0 } } }",
        "*platform_recipes: big-amd64: limits: processes*1 to 1000000*"
    )]
    public void A_limit_that_is_none_is_refused_with_its_place(string text, string message) =>
        FluentActions.Invoking(() => Load(text)).Should().Throw<ConfigurationException>().WithMessage(message);

    private FarmConfiguration Load(string text)
    {
        var file = $"{directory}/pkgforge.yml";
        File.WriteAllText(file, text);
        return ConfigurationFiles.Load(file);
    }
}
