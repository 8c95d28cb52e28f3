using PkgForge.Platforms;
using PkgForge.Server.Builds;
using PkgForge.Yaml;

namespace PkgForge.Server.Configuration;

/// <summary>
/// Finds and reads the configuration: <c>/etc/pkgforge/pkgforge.yml</c>, then <c>~/.config/pkgforge/pkgforge.yml</c>,
/// whose keys stand before those of the first; or only the file that <c>-c</c> names. No file at all means the defaults. Beside the
/// first that is there lie the platforms' own files: <c>platforms/NAME-ARCHITECTURE.yml</c>.
/// </summary>
public static class ConfigurationFiles
{
    /// <summary>A configuration is written by hand: more than this is not one.</summary>
    private const int MostBytes = 1 << 20;

    /// <summary>The administrator's file.</summary>
    public const string System = "/etc/pkgforge/pkgforge.yml";

    /// <summary>The user's own file.</summary>
    public static string Own =>
        Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } directory
                ? directory
                : Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/", ".config"),
            "pkgforge/pkgforge.yml"
        );

    /// <summary>Reads the configuration.</summary>
    /// <param name="named">The file of <c>-c</c>; null to look in the usual places.</param>
    /// <exception cref="ConfigurationException">A file cannot be read, or says what it must not.</exception>
    public static FarmConfiguration Load(string? named)
    {
        var configuration = new FarmConfiguration();
        foreach (var path in named is null ? new[] { System, Own } : [named])
        {
            if (named is not null || File.Exists(path))
                configuration = Apply(configuration, path);
        }
        return ReadPlatforms(configuration, PlatformsDirectory(named));
    }

    /// <summary>The directory of the platforms' own files.</summary>
    /// <param name="named">The file of <c>-c</c>; null for the usual place.</param>
    public static string PlatformsDirectory(string? named) =>
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(named ?? System))!, "platforms");

    private static FarmConfiguration ReadPlatforms(FarmConfiguration configuration, string directory)
    {
        var platforms = new Dictionary<PlatformKey, PlatformRecipe>(configuration.Platforms);
        var files = Directory.Exists(directory) ? Directory.GetFiles(directory, "*.yml") : [];
        foreach (var path in files.Order(StringComparer.Ordinal))
        {
            if (!PlatformKey.TryParse(Path.GetFileNameWithoutExtension(path), out var key))
                throw new ConfigurationException(
                    $"{path}: its name is not that of a platform: expected NAME-ARCHITECTURE.yml, e.g. bookworm-amd64.yml"
                );
            var (recipe, error) = YamlDocument.Read(Read(path), root => ConfigurationReader.Recipe(key, root, ""));
            if (recipe is null)
                throw new ConfigurationException($"{path}: {error}");
            if (!platforms.TryAdd(key, recipe))
                throw new ConfigurationException(
                    $"{path}: {key} has a section under 'platform_recipes:' as well; remove one of the two"
                );
        }
        return configuration with { Platforms = platforms };
    }

    private static FarmConfiguration Apply(FarmConfiguration before, string path)
    {
        var (after, error) = YamlDocument.Read(Read(path), root => new ConfigurationReader(before).Read(root));
        return after ?? throw new ConfigurationException($"{path}: {error}");
    }

    private static byte[] Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MostBytes
                ? File.ReadAllBytes(path)
                : throw new ConfigurationException($"{path}: larger than {MostBytes} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"the configuration {path} cannot be read: {e.Message}");
        }
    }
}
