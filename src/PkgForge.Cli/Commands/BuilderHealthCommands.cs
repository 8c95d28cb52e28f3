using System.CommandLine;
using PkgForge.Cli.Administration;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge builder list, show, drain, resume</c>: how builders are, and what they get.</summary>
internal static class BuilderHealthCommands
{
    private static readonly Argument<string> Name = new("name") { Description = "The builder's name, e.g. b1" };

    public static Command List()
    {
        var command = new Command(
            "list",
            "List all builders: what each does, and how often the farm failed on it lately."
        )
        {
            GlobalOptions.Target,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                var builders = await farm.ListBuildersAsync(cancel);
                if (words.GetValue(GlobalOptions.Json))
                    Output.Json([.. builders], OutputJson.Default.BuilderJsonArray);
                else
                    Output.Table(
                        ["NAME", "PLATFORM", "STATE", "HOST", "LAST SEEN", "FAULTS"],
                        builders.Select(BuilderText.Row),
                        "no builders yet; add one: pkgforge builder add NAME PLATFORM ARCH"
                    );
                return ExitCode.Done;
            }
        );
        return command;
    }

    public static Command Show()
    {
        var command = new Command(
            "show",
            "Show a builder: what it builds, why it is in quarantine, its faults of the last seven days.\n\n"
                + "Example:\n  pkgforge builder show b1"
        )
        {
            Name,
            GlobalOptions.Target,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                var name = words.GetValue(Name)!;
                var builder =
                    (await farm.ListBuildersAsync(cancel)).FirstOrDefault(b => b.Name == name) ?? throw Unknown(name);
                if (words.GetValue(GlobalOptions.Json))
                    Output.Json(builder, OutputJson.Default.BuilderJson);
                else
                    foreach (var line in BuilderText.Lines(builder, TimeProvider.System.GetUtcNow()))
                        Output.Line(line);
                return ExitCode.Done;
            }
        );
        return command;
    }

    public static Command Drain() =>
        Change(
            "drain",
            "Let a builder finish what it builds, and give it no more tasks until 'pkgforge builder resume'.",
            (farm, name, cancel) => farm.SetDrainingAsync(name, draining: true, cancel),
            "gets no more tasks; give it some again: pkgforge builder resume {0}"
        );

    public static Command Resume() =>
        Change(
            "resume",
            "Give a builder tasks again that was drained, or is in quarantine.",
            async (farm, name, cancel) =>
            {
                await farm.SetDrainingAsync(name, draining: false, cancel);
                await farm.ReleaseBuilderAsync(name, cancel);
            },
            "gets tasks again"
        );

    private static Command Change(
        string verb,
        string summary,
        Func<IAdministration, string, CancellationToken, Task> change,
        string done
    )
    {
        var command = new Command(verb, $"{summary}\n\nExample:\n  pkgforge builder {verb} b1")
        {
            Name,
            GlobalOptions.Target,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                var name = words.GetValue(Name)!;
                await change(farm, name, cancel);
                Output.Line($"{name}: {string.Format(null, done, name)}");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static CommandException Unknown(string name) =>
        new(ExitCode.Failed, $"there is no builder {name}; see 'pkgforge builder list'");
}
