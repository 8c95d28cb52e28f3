using System.CommandLine;
using PkgForge.Cli.Administration;
using PkgForge.Platforms;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge builder</c>: the registered build processes.</summary>
internal static class BuilderCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "The builder's name, e.g. b1" };

    private static readonly Argument<string> Platform = new("platform") { Description = "E.g. bookworm" };

    private static readonly Argument<string> Architecture = new("arch") { Description = "E.g. amd64" };

    public static Command Create() =>
        new("builder", "Manage builders: each is a name under which one 'pkgforge buildd' builds for one platform.")
        {
            Add(),
            Delete(),
            BuilderHealthCommands.List(),
            BuilderHealthCommands.Show(),
            BuilderHealthCommands.Drain(),
            BuilderHealthCommands.Resume(),
            BuilderEnrolment.Enrol(),
            BuilderEnrolment.Revoke(),
        };

    private static Command Add()
    {
        var command = new Command(
            "add",
            "Add a builder.\n\nExample:\n  pkgforge builder add b1 bookworm amd64\n  pkgforge buildd --name b1 --daemon"
        )
        {
            Name,
            Platform,
            Architecture,
            GlobalOptions.Target,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                var name = BuilderName.Check(words.GetValue(Name)!);
                var key = new PlatformKey(words.GetValue(Platform)!, words.GetValue(Architecture)!);
                await farm.AddBuilderAsync(name, key, cancel);
                Output.Line($"{name}: added for {key}; start it: pkgforge buildd --name {name} --daemon");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command Delete()
    {
        var command = new Command("delete", "Delete a builder that is not running. Its past attempts keep its name.")
        {
            Name,
            GlobalOptions.Target,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                var name = words.GetValue(Name)!;
                await farm.DeleteBuilderAsync(name, cancel);
                Output.Line($"{name}: deleted");
                return ExitCode.Done;
            }
        );
        return command;
    }
}
