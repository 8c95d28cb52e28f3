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

    /// <exception cref="ConfigurationException">The configuration has no recipe for the platform.</exception>
    public static IPackageBuilder For(
        PlatformKey platform,
        FarmConfiguration configuration,
        string workDirectory,
        ControlGroups? groups
    )
    {
        if (!configuration.Platforms.TryGetValue(platform, out var recipe))
            throw new ConfigurationException(
                $"platform {platform} has no section under 'platform_recipes:' in the configuration of this machine"
            );
        var settings = new RootSettings(
            platform,
            recipe,
            configuration.LimitsOf(platform),
            Stores.GetOrAdd(configuration.Work, work => new(work)),
            configuration.Layers,
            workDirectory,
            groups
        );
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
