using System.Collections.Concurrent;
using PkgForge.Platforms;
using PkgForge.Server.Builds.Debian;
using PkgForge.Server.Builds.Dummy;
using PkgForge.Server.Builds.Mock;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Builds.Rpm;
using PkgForge.Server.Builds.Sbuild;
using PkgForge.Server.Configuration;
using PkgForge.Sources;

namespace PkgForge.Server.Builds;

/// <summary>Picks the builder of a platform by the format and the driver in its recipe: one line for each kind.</summary>
public static class PackageBuilders
{
    private static readonly ConcurrentDictionary<string, LayerStore> Stores = new(StringComparer.Ordinal);

    /// <param name="platform">The platform.</param>
    /// <param name="configuration">Has its recipe and limits.</param>
    /// <param name="directory">The registered builder's own directory.</param>
    /// <param name="groups">Where control groups of builds are made; null when there are none.</param>
    /// <param name="place">Which of several that build at once, from 1 on; 0 when it builds alone.</param>
    /// <param name="places">How many build at once, each with its share of the cores.</param>
    /// <exception cref="ConfigurationException">The configuration has no recipe for the platform.</exception>
    public static IPackageBuilder For(
        PlatformKey platform,
        FarmConfiguration configuration,
        string directory,
        ControlGroups? groups,
        int place = 0,
        int places = 1
    )
    {
        if (!configuration.Platforms.TryGetValue(platform, out var recipe))
            throw new ConfigurationException(
                $"platform {platform} has no section under 'platform_recipes:' in the configuration of this machine"
            );
        var settings = new RootSettings(
            platform,
            recipe,
            configuration.LimitsOf(platform).Share(places),
            Stores.GetOrAdd(configuration.Work, work => new(work)),
            configuration.Layers,
            place == 0 ? directory : $"{directory}/{place}",
            groups
        )
        {
            Owner = directory,
            Proxy = configuration.Proxy,
        };
        return (recipe.Format, recipe.Driver) switch
        {
            (PackageFormat.Debian, BuildDriver.Sbuild) => new SbuildBuilder(settings),
            (PackageFormat.Rpm, BuildDriver.Mock) => new MockBuilder(settings),
            (PackageFormat.Debian, _) => new DebianBuilder(settings),
            (PackageFormat.Rpm, _) => new RpmBuilder(settings),
            _ => new DummyBuilder(settings.Limits, TimeProvider.System),
        };
    }
}
