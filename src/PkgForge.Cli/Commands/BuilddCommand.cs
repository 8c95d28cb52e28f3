using System.CommandLine;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builders;
using PkgForge.Server.Handlers;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge buildd</c>: a builder at work, for the farm of this machine or for that of a server.</summary>
internal static class BuilddCommand
{
    private static readonly Option<string?> Name = new("--name", "-n")
    {
        Description = "The builder's name, as 'pkgforge builder add' made it",
        HelpName = "NAME",
    };

    public static Command Create()
    {
        var command = new Command(
            "buildd",
            "Build the tasks of a builder's platform: those that wait now, or as a daemon.\n\n"
                + "Examples:\n  pkgforge buildd --name b1\n  pkgforge buildd --name b1 --daemon\n"
                + "  pkgforge buildd --server https://forge.example.org:8160 --name b2 --daemon"
        )
        {
            Name,
            DaemonRun.Daemon,
            RemoteBuilder.Server,
            RemoteBuilder.Enrol,
            RemoteBuilder.TokenFile,
            RemoteBuilder.Insecure,
        };
        command.SetAction(
            (words, cancel) =>
            {
                var compose = Compose(words, cancel);
                return DaemonRun.RunAsync(words, compose, cancel);
            }
        );
        return command;
    }

    private static Func<Farm, Func<IHandler, Task>, Task> Compose(ParseResult words, CancellationToken cancel)
    {
        var name = words.GetValue(Name) is { } given ? BuilderName.Check(given) : null;
        if (RemoteBuilder.Read(words, name) is { } remote)
        {
            WorkDirectory.Provide(GlobalOptions.Configuration(words));
            return async (farm, run) =>
            {
                var (connected, builder) = await remote.ConnectAsync(farm, cancel);
                await using (connected)
                    await BuildAsync(connected, farm, builder, run);
            };
        }
        if (name is null)
            throw new CommandException(ExitCode.Usage, "which builder? --name is missing");
        return async (farm, run) =>
        {
            await using var local = new LocalFarm(farm);
            await BuildAsync(local, farm, name, run);
        };
    }

    private static async Task BuildAsync(IBuilderFarm builders, Farm farm, string name, Func<IHandler, Task> run)
    {
        await using var builder = new Buildd(builders, new(farm.Configuration, farm.Log, farm.Time), name);
        await run(builder);
    }
}
