using System.CommandLine;
using PkgForge.Registry;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge log</c>: the log of a task's newest attempt, or of another one.</summary>
internal static class LogCommand
{
    private static readonly Option<int?> Attempt = new("--attempt")
    {
        Description = "The attempt; without it the newest",
        HelpName = "NUMBER",
    };

    public static Command Create()
    {
        var command = new Command(
            "log",
            "Print the log of a job's task.\n\nExamples:\n"
                + "  pkgforge log hello-2.10\n  pkgforge log hello-2.10 bookworm-amd64 --attempt 1 | less"
        )
        {
            JobArguments.Job,
            JobArguments.Platform,
            Attempt,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        await using var session = FarmSession.Open(words);
        var id = JobArguments.ReadJob(words);
        var detail =
            await session.Registry.FindJobAsync(id, cancel)
            ?? throw new CommandException(ExitCode.Failed, $"no job '{id}' is registered; see 'pkgforge status {id}'");
        var task = Pick(words, detail);
        var number =
            words.GetValue(Attempt)
            ?? (task.Attempts is [.., var newest] ? newest.Number : (int?)null)
            ?? throw new CommandException(ExitCode.Failed, $"no attempt at {id} on {task.Platform} has begun yet");
        var path = $"{session.Farm.Spool.Results.PathOf(id, task.Platform, number)}/log";
        if (!File.Exists(path))
            throw new CommandException(ExitCode.Failed, $"there is no log {path}");
        await using var log = File.OpenRead(path);
        await using var output = Console.OpenStandardOutput();
        await log.CopyToAsync(output, cancel);
        return ExitCode.Done;
    }

    private static BuildTask Pick(ParseResult words, JobDetail detail)
    {
        var wanted = JobArguments.ReadPlatform(words);
        var there = string.Join(", ", detail.Tasks.Select(task => task.Platform));
        if (wanted is null && detail.Tasks.Count > 1)
            throw new CommandException(ExitCode.Usage, $"which platform? The job has {there}");
        return detail.Tasks.FirstOrDefault(task => wanted is null || task.Platform == wanted)
            ?? throw new CommandException(
                ExitCode.Failed,
                detail.Tasks.Count == 0
                    ? "the job was rejected: it has no log"
                    : $"the job has no task on {wanted}; it has {there}"
            );
    }
}
