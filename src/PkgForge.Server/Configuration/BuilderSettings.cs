using System.Globalization;
using System.Text;
using PkgForge.Platforms;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Yaml;

namespace PkgForge.Server.Configuration;

/// <summary>
/// What a farm tells its builders of its own configuration: how the root of a platform is made, and what a build may use. A machine whose
/// own configuration says how keeps to that.
/// </summary>
public static class BuilderSettings
{
    /// <summary>The configuration that a builder works by.</summary>
    /// <exception cref="BuilderRefusedException">Nobody says how roots of the platform are made, or the farm says it in a way that this program does not know.</exception>
    public static FarmConfiguration For(FarmConfiguration own, BuilderPost post)
    {
        var platform = post.Session.Platform;
        if (own.Platforms.ContainsKey(platform))
            return own;
        var told = post.Settings is { } text ? Read(own, text) : own;
        return told.Platforms.ContainsKey(platform)
            ? told
            : throw new BuilderRefusedException(
                $"neither this machine's configuration nor the farm says how roots of {platform} are made: add a section "
                    + $"'{platform}:' under 'platform_recipes:' to one of them"
            );
    }

    /// <summary>The text for a builder; null when this configuration has no recipe for the platform either.</summary>
    public static string? Write(FarmConfiguration configuration, PlatformKey platform)
    {
        if (!configuration.Platforms.TryGetValue(platform, out var recipe))
            return null;
        var text = new StringBuilder($"platform_recipes:\n  {Quote(platform.ToString())}:\n");
        foreach (var line in Lines(recipe))
            text.Append($"    {line}\n");
        text.Append("limits:\n");
        foreach (var (key, value) in Lines(configuration.LimitsOf(platform)))
            text.Append($"  {key}: {value}\n");
        return text.ToString();
    }

    private static FarmConfiguration Read(FarmConfiguration own, string text)
    {
        var (told, error) = YamlDocument.Read(
            Encoding.UTF8.GetBytes(text),
            root =>
            {
                new YamlFields(root).CheckKeys(["platform_recipes", "limits"], []);
                return new ConfigurationReader(own).Read(root);
            }
        );
        if (told is null)
            throw new BuilderRefusedException(
                $"the farm's settings for builders are not understood ({error}): use the same version of pkgforge on both machines"
            );
        // Limits that this machine's administrator has set are about this machine.
        return told with { Limits = own.Limits.Over(told.Limits) };
    }

    /// <summary>A recipe as the lines of a platform's own file, with all that a preset has given it.</summary>
    public static IEnumerable<string> Lines(PlatformRecipe recipe) =>
        Keys(recipe).Where(line => line.Value.Length > 0).Select(line => $"{line.Key}: {line.Value}");

    private static IEnumerable<(string Key, string Value)> Keys(PlatformRecipe recipe) =>
        [
            ("format", recipe.Format.ToString().ToLowerInvariant()),
            ("driver", recipe.Driver == BuildDriver.Roots ? "" : recipe.Driver.ToString().ToLowerInvariant()),
            ("mock_configurations", recipe.MockConfigurations.Length == 0 ? "" : Quote(recipe.MockConfigurations)),
            ("tarball", recipe.Tarball.Length == 0 ? "" : Quote(recipe.Tarball)),
            ("suite", recipe.Suite.Length == 0 ? "" : Quote(recipe.Suite)),
            ("mirror", Quote(recipe.Mirror)),
            ("components", List(recipe.Components)),
            ("keyrings", List(recipe.Keyrings)),
            ("packages", List(recipe.Packages)),
            (
                "repositories",
                $"{{ {string.Join(", ", recipe.Repositories.Select(r => $"{Quote(r.Key)}: {Quote(r.Value)}"))} }}"
            ),
            ("releasever", recipe.ReleaseVersion.Length == 0 ? "" : Quote(recipe.ReleaseVersion)),
            ("gpgcheck", recipe.CheckSignatures ? "true" : "false"),
            ("gpgkeys", List(recipe.Keys)),
            ("refresh", Time(recipe.Refresh)),
        ];

    // 'parallel', 'side_by_side' and 'top' are not among them: what they are to be depends on what the other machine has.
    private static IEnumerable<(string Key, string Value)> Lines(BuildLimits limits) =>
        [
            ("time", Time(limits.Time)),
            ("silence", Time(limits.Silence)),
            ("log", Number(limits.Log)),
            ("root", Number(limits.Root)),
            ("memory", Number(limits.Memory)),
            ("processes", Number(limits.Processes)),
        ];

    private static string List(IEnumerable<string> words) => $"[{string.Join(", ", words.Select(Quote))}]";

    // YAML 1.2, 7.3.2. What the configuration lets through is printable and on one line.
    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Time(TimeSpan time) =>
        $"{time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)}s";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
