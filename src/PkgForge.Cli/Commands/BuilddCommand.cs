using System.CommandLine;
using PkgForge.Server.Builders;
using PkgForge.Server.Handlers;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge buildd</c>: a builder at work.</summary>
internal static class BuilddCommand
{
    private static readonly Option<string> Name = new("--name", "-n")
    {
        Description = "The builder's name, as 'pkgforge builder add' made it",
        HelpName = "NAME",
        Required = true,
    };

    public static Command Create()
    {
        var command = new Command(
            "buildd",
            "Build the tasks of a builder's platform: those that wait now, or as a daemon.\n\n"
                + "Examples:\n  pkgforge buildd --name b1\n  pkgforge buildd --name b1 --daemon"
        )
        {
            Name,
            DaemonRun.Daemon,
        };
        command.SetAction(
            (words, cancel) => DaemonRun.RunAsync(words, (farm, run) => BuildAsync(words, farm, run), cancel)
        );
        return command;
    }

    private static async Task BuildAsync(ParseResult words, Farm farm, Func<IHandler, Task> run)
    {
        var name = BuilderName.Check(words.GetValue(Name)!);
        await using var local = new LocalFarm(farm);
        await using var builder = new Buildd(local, new(farm.Configuration, farm.Log, farm.Time), name);
        await run(builder);
    }
}
