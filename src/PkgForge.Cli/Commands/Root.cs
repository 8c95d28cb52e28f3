using System.CommandLine;

namespace PkgForge.Cli.Commands;

/// <summary>The command line of <c>pkgforge</c>: each command is in a file of its own.</summary>
internal static class Root
{
    public static RootCommand Create()
    {
        var root = new RootCommand(
            "PkgForge builds source packages in clean roots, on every platform, and publishes them.\n\n"
                + "A first job:\n"
                + "  pkgforge submit -B main hello_2.10-3.dsc\n"
                + "  pkgforge status\n"
                + "  pkgforge log JOB\n\n"
                + "Exit codes: 0 done, 1 the job or check failed, 2 usage, 3 configuration, 4 the farm cannot be reached, 5 refused."
        )
        {
            GlobalOptions.Config,
            GlobalOptions.Json,
            GlobalOptions.Debug,
            SubmitCommand.Create(),
            ValidateCommand.Create(),
            StatusCommand.Create(),
            WatchCommand.Create(),
            LogCommand.Create(),
            DownloadCommand.Create(),
            RecordCommand.Create(),
            ChangesCommand.Create(),
            RebuildCommand.Create(),
            ShellCommand.Create(),
            TaskCommands.Cancel(),
            TaskCommands.Retry(),
            ResubmitCommand.Create(),
            PromoteCommand.Create(),
            PriorityCommand.Create(),
            LoginCommand.Create(),
            PlatformCommand.Create(),
            BuilderCommand.Create(),
            CapCommand.Create(),
            AccountCommand.Create(),
            AuditCommand.Create(),
            BucketCommand.Create(),
            InitServerCommand.Create(),
            RegistryCommand.Create(),
            IncomingCommand.Create(),
            BuilddCommand.Create(),
            ServeCommand.Create(),
        };
        HelpPages.Install(root);
        return root;
    }
}
