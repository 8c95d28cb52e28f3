using System.CommandLine;
using PkgForge.Platforms;
using PkgForge.Server.Configuration;
using PkgForge.Sources;

namespace PkgForge.Cli.Commands;

/// <summary>The recipes of platforms, by which their roots are made: <c>platform add --preset</c> writes one, <c>platform show</c> prints one.</summary>
internal static class PlatformRecipes
{
    /// <summary>A platform's own file that is to be written.</summary>
    internal sealed record NewFile(string Path, string Preset, PackageFormat Format);

    /// <summary>Checks that the recipe can be written.</summary>
    public static NewFile Prepare(ParseResult words, FarmConfiguration configuration, PlatformKey key, string preset)
    {
        if (configuration.Server is { } server)
            throw new CommandException(
                ExitCode.Usage,
                $"--preset {preset} writes a recipe on the farm's own machine: run this there; or, where the machines of its builders have the recipe, say --format, and {server} only learns of the platform"
            );
        var (recipe, error) = Presets.Find(preset, key);
        if (recipe is null)
            throw new CommandException(ExitCode.Usage, $"--preset {preset}: expected {error}");
        if (configuration.Platforms.ContainsKey(key))
            throw new CommandException(
                ExitCode.Usage,
                $"there is a recipe for {key} already: leave --preset out to use it ('pkgforge platform show {key.Name} {key.Architecture}' prints it)"
            );
        var directory = ConfigurationFiles.PlatformsDirectory(words.GetValue(GlobalOptions.Config));
        try
        {
            Directory.CreateDirectory(directory);
            // Whether it can be written, before the registry knows of the platform.
            using (File.Open($"{directory}/.new", FileMode.Create, FileAccess.Write, FileShare.None)) { }
            File.Delete($"{directory}/.new");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                ExitCode.Failed,
                $"the recipe cannot be written: {e.Message}. Run this as a user who may write to {directory}"
            );
        }
        return new($"{directory}/{key}.yml", preset, recipe.Format);
    }

    /// <summary>Writes it; it is there whole or not at all.</summary>
    public static void Write(NewFile file)
    {
        var aside = $"{file.Path}.tmp";
        File.WriteAllText(
            aside,
            $"""
            # How the root of this platform is made. What is said here stands before the preset; the keys are in docs/admin/platforms.md.
            preset: {file.Preset}

            """
        );
        File.Move(aside, file.Path, overwrite: true);
        Output.Line($"recipe: {file.Path}; daemons that run read it when they are started again");
    }

    public static Command Show()
    {
        var command = new Command(
            "show",
            "Print the recipe by which a platform's root is made on this machine, with all that its preset says."
                + "\n\nExample:\n  pkgforge platform show bookworm amd64"
        )
        {
            PlatformCommand.Name,
            PlatformCommand.Architecture,
        };
        command.SetAction(words =>
        {
            var key = PlatformCommand.Key(words);
            if (!GlobalOptions.Configuration(words).Platforms.TryGetValue(key, out var recipe))
                throw new CommandException(
                    ExitCode.Failed,
                    $"this machine has no recipe for {key}: neither under 'platform_recipes:' nor as "
                        + $"{ConfigurationFiles.PlatformsDirectory(words.GetValue(GlobalOptions.Config))}/{key}.yml"
                );
            foreach (var line in BuilderSettings.Lines(recipe))
                Output.Line(line);
            return ExitCode.Done;
        });
        return command;
    }
}
