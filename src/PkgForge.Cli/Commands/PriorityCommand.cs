using System.CommandLine;
using PkgForge.Cli.Administration;
using PkgForge.Jobs;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge priority</c>: a job's waiting tasks are built sooner, or later.</summary>
internal static class PriorityCommand
{
    private static readonly Argument<string> Wanted = new("priority")
    {
        Description = "urgent: before all others; normal; background: when nothing else waits",
        HelpName = "urgent|normal|background",
    };

    public static Command Create()
    {
        var command = new Command(
            "priority",
            "Build the waiting tasks of a job sooner or later. Those that are being built go on.\n\n"
                + "Examples:\n  pkgforge priority hello-2.10 urgent\n  pkgforge priority hello-2.10 background"
        )
        {
            JobArguments.Job,
            Wanted,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        var (id, priority) = (JobArguments.ReadJob(words), JobArguments.ParsePriority(words.GetValue(Wanted)!));
        await using var farm = Administrations.Open(words);
        var waiting = await farm.SetPriorityAsync(id, priority, cancel);
        Output.Line(
            waiting switch
            {
                0 => $"{id}: {priority.Name()}, should it be built again: none of its tasks waits",
                1 => $"{id}: {priority.Name()}, for the task that waits",
                _ => $"{id}: {priority.Name()}, for the {waiting} tasks that wait",
            }
        );
        return ExitCode.Done;
    }
}
