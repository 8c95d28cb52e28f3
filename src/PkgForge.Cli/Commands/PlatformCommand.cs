using System.CommandLine;
using PkgForge.Cli.Administration;
using PkgForge.Platforms;
using PkgForge.Server.Configuration;
using PkgForge.Sources;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge platform</c>: platforms are added, and switched on and off; they are never removed.</summary>
internal static class PlatformCommand
{
    internal static readonly Argument<string> Name = new("name") { Description = "E.g. bookworm" };

    internal static readonly Argument<string> Architecture = new("arch") { Description = "E.g. amd64, x86_64" };

    private static readonly Option<PackageFormat?> Format = new("--format")
    {
        Description = "What it builds; without it as its recipe in the configuration says",
    };

    private static readonly Option<string?> Preset = new("--preset")
    {
        Description = $"Write its recipe, too, after one that is ready: {string.Join(", ", Presets.Names)}",
        HelpName = "NAME",
    };

    private static readonly Option<bool> Auto = new("--auto") { Description = "Put it into the default set, too" };

    private static readonly Option<bool> Off = new("--off") { Description = "Take it out of the default set" };

    public static Command Create() =>
        new("platform", "Manage platforms: what source packages are built for.")
        {
            Add(),
            List(),
            PlatformRecipes.Show(),
            Switch("activate", "Allow new tasks for a platform.", active: true),
            Switch(
                "deactivate",
                "Make no more tasks for a platform; those that wait stay until it is active again.",
                active: false
            ),
            SetAuto(),
        };

    private static Command Add()
    {
        var command = new Command(
            "add",
            "Add a platform; it is active at once.\n\nExamples:\n"
                + "  pkgforge platform add bookworm amd64 --preset debian --auto\n"
                + "  pkgforge platform add f43 x86_64 --preset fedora\n"
                + "  pkgforge platform add ours amd64 --format debian"
        )
        {
            Name,
            Architecture,
            Preset,
            Format,
            Auto,
            GlobalOptions.Target,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                var (key, configuration) = (Key(words), GlobalOptions.Configuration(words));
                var preset = words.GetValue(Preset) is { } name
                    ? PlatformRecipes.Prepare(words, configuration, key, name)
                    : null;
                await using var farm = Administrations.Open(words);
                await farm.AddPlatformAsync(
                    key,
                    words.GetValue(Format) ?? preset?.Format,
                    words.GetValue(Auto),
                    cancel
                );
                Output.Line($"{key}: added");
                if (preset is not null)
                    PlatformRecipes.Write(preset);
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "List all platforms.") { GlobalOptions.Target };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                var platforms = await farm.ListPlatformsAsync(cancel);
                if (words.GetValue(GlobalOptions.Json))
                    Output.Json([.. platforms], OutputJson.Default.PlatformJsonArray);
                else
                    Output.Table(
                        ["NAME", "ARCH", "BUILDS", "ACTIVE", "AUTO"],
                        platforms.Select(p =>
                            new[] { p.Name, p.Architecture, p.Format, p.Active ? "yes" : "no", p.Auto ? "yes" : "no" }
                        ),
                        "no platforms yet; add one: pkgforge platform add NAME ARCH"
                    );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command Switch(string verb, string description, bool active)
    {
        var command = new Command(verb, description) { Name, Architecture, GlobalOptions.Target };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                await farm.SetPlatformActiveAsync(Key(words), active, cancel);
                Output.Line($"{Key(words)}: {verb}d");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command SetAuto()
    {
        var command = new Command("setauto", "Put a platform into the default set, or take it out (--off).")
        {
            Name,
            Architecture,
            Off,
            GlobalOptions.Target,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                var off = words.GetValue(Off);
                await farm.SetPlatformAutoAsync(Key(words), !off, cancel);
                Output.Line($"{Key(words)}: {(off ? "no longer in the default set" : "in the default set")}");
                return ExitCode.Done;
            }
        );
        return command;
    }

    internal static PlatformKey Key(ParseResult words)
    {
        var key = new PlatformKey(words.GetValue(Name)!, words.GetValue(Architecture)!);
        return key.IsWellFormed
            ? key
            : throw new CommandException(
                ExitCode.Usage,
                $"'{key.Name}' '{key.Architecture}' is not a platform: expected {PlatformKey.Rule}"
            );
    }
}
