using System.CommandLine;
using PkgForge.Server.Handlers;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge incoming</c>: takes submitted jobs into the farm.</summary>
internal static class IncomingCommand
{
    public static Command Create()
    {
        var command = new Command(
            "incoming",
            "Check submitted jobs and register them: once, or as a daemon that is woken by each submission.\n\n"
                + "Examples:\n  pkgforge incoming\n  pkgforge incoming --daemon"
        )
        {
            DaemonRun.Daemon,
        };
        command.SetAction((words, cancel) => DaemonRun.RunAsync(words, farm => new Incoming(farm), cancel));
        return command;
    }
}
