using System.CommandLine;
using PkgForge.Registry;
using PkgForge.Registry.Views;

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
        );
        command.SetAction(
            async (words, cancel) =>
            {
                await using var session = FarmSession.Open(words);
                var builders = await session.Registry.ListBuildersAsync(cancel);
                if (words.GetValue(GlobalOptions.Json))
                    Output.Json([.. builders.Select(BuilderJson.Of)], OutputJson.Default.BuilderJsonArray);
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
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var session = FarmSession.Open(words);
                var name = words.GetValue(Name)!;
                var builder =
                    (await session.Registry.ListBuildersAsync(cancel)).FirstOrDefault(b => b.Name == name)
                    ?? throw Unknown(name);
                if (words.GetValue(GlobalOptions.Json))
                    Output.Json(BuilderJson.Of(builder), OutputJson.Default.BuilderJson);
                else
                    foreach (var line in BuilderText.Lines(builder, session.Farm.Time.GetUtcNow()))
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
            (registry, name, cancel) => registry.SetDrainingAsync(name, draining: true, cancel),
            "gets no more tasks; give it some again: pkgforge builder resume {0}"
        );

    public static Command Resume() =>
        Change(
            "resume",
            "Give a builder tasks again that was drained, or is in quarantine.",
            async (registry, name, cancel) =>
                await registry.SetDrainingAsync(name, draining: false, cancel)
                && await registry.ReleaseBuilderAsync(name, cancel),
            "gets tasks again"
        );

    private static Command Change(
        string verb,
        string summary,
        Func<IRegistry, string, CancellationToken, Task<bool>> change,
        string done
    )
    {
        var command = new Command(verb, $"{summary}\n\nExample:\n  pkgforge builder {verb} b1") { Name };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var session = FarmSession.Open(words);
                var name = words.GetValue(Name)!;
                if (!await change(session.Registry, name, cancel))
                    throw Unknown(name);
                Output.Line($"{name}: {string.Format(null, done, name)}");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static CommandException Unknown(string name) =>
        new(ExitCode.Failed, $"there is no builder {name}; see 'pkgforge builder list'");
}
