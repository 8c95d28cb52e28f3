using System.CommandLine;
using PkgForge.Cli.Remote;
using PkgForge.Jobs;
using PkgForge.Logs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge log</c>: the log of a task's newest attempt, or of another one; or only why it failed.</summary>
internal static class LogCommand
{
    private static readonly Option<int?> Attempt = new("--attempt")
    {
        Description = "The attempt; without it the newest",
        HelpName = "NUMBER",
    };

    private static readonly Option<bool> Cause = new("--cause")
    {
        Description =
            "Why the newest attempt that failed did so: the cause, the line that shows it, and the lines around it",
    };

    private static readonly Option<bool> Raw = new("--raw")
    {
        Description = "The bytes as the build printed them, also to a terminal",
    };

    private static readonly Option<bool> Follow = new("--follow", "-f")
    {
        Description = "Go on as the build prints, until the attempt has ended; of a server's farm",
    };

    public static Command Create()
    {
        var command = new Command(
            "log",
            "Print the log of a job's task. On a terminal, control codes of the build are made harmless.\n\nExamples:\n"
                + "  pkgforge log hello-2.10\n  pkgforge log hello-2.10 bookworm-amd64 --attempt 1 | less\n"
                + "  pkgforge log --cause hello-2.10 bookworm-amd64\n  pkgforge log -f --target https://forge.example.org hello-2.10"
        )
        {
            JobArguments.Job,
            JobArguments.PlatformOfSeveral,
            Attempt,
            Cause,
            Raw,
            Follow,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        if (words.GetValue(Cause) && words.GetValue(Raw))
            throw new CommandException(ExitCode.Usage, "--cause and --raw exclude each other; give one of them");
        using var server = FarmServer.Of(words);
        if (server is not null)
            return await AskAsync(new(server), words, cancel);
        if (words.GetValue(Follow))
            throw new CommandException(
                ExitCode.Usage,
                "--follow needs a server: pkgforge log -f --target https://HOST JOB"
            );
        await using var session = FarmSession.Open(words);
        var id = JobArguments.ReadJob(words);
        var detail =
            await session.Registry.FindJobAsync(id, cancel)
            ?? throw new CommandException(ExitCode.Failed, $"no job '{id}' is registered; see 'pkgforge status {id}'");
        var task = Pick(words, detail);
        string PathOf(int attempt) => $"{session.Farm.Spool.Results.PathOf(id, task.Platform, attempt)}/log";
        if (words.GetValue(Cause))
        {
            WriteCause(JobJson.Of(detail, [], _ => ""), task.Platform, words, PathOf);
            return ExitCode.Done;
        }
        await PrintAsync(PathOf(Number(words, id, task)), words.GetValue(Raw), cancel);
        return ExitCode.Done;
    }

    private static async Task<int> AskAsync(RemoteJobs jobs, ParseResult words, CancellationToken cancel)
    {
        if (words.GetValue(Cause))
        {
            await jobs.CauseAsync(words, words.GetValue(Attempt), cancel);
            return ExitCode.Done;
        }
        await jobs.LogAsync(
            words,
            words.GetValue(Attempt),
            words.GetValue(Follow),
            log => PrintAsync(log, words.GetValue(Raw), cancel),
            cancel
        );
        return ExitCode.Done;
    }

    private static void WriteCause(JobJson job, PlatformKey platform, ParseResult words, Func<int, string> pathOf)
    {
        var task = Array.Find(job.Tasks!, task => task.Platform == platform.ToString())!;
        var failed = CauseText.Pick(job.Id, task, words.GetValue(Attempt));
        var path = pathOf(failed.Number);
        var lines = CauseText.PlaceOf(failed) is { } place ? LogExcerpt.Read(path, place) : [];
        CauseText.Write(job.Id, task, failed, path, lines, words.GetValue(GlobalOptions.Json));
    }

    private static int Number(ParseResult words, JobId id, BuildTask task) =>
        words.GetValue(Attempt)
        ?? (task.Attempts is [.., var newest] ? newest.Number : (int?)null)
        ?? throw new CommandException(ExitCode.Failed, $"no attempt at {id} on {task.Platform} has begun yet");

    private static async Task PrintAsync(string path, bool raw, CancellationToken cancel)
    {
        var log = LogFile.TryOpen(path) ?? throw new CommandException(ExitCode.Failed, $"there is no log {path}");
        await using var stream = new LogStream(log);
        await PrintAsync(stream, raw, cancel);
    }

    private static async Task PrintAsync(Stream log, bool raw, CancellationToken cancel)
    {
        if (!raw && !Console.IsOutputRedirected)
        {
            await TerminalLog.PrintAsync(log, Console.Out, cancel);
            return;
        }
        await using var output = Console.OpenStandardOutput();
        await log.CopyToAsync(output, cancel);
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
