using System.CommandLine;
using PkgForge.Cli.Remote;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Api;
using PkgForge.Web.Attempts;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge changes</c>: what is different between an attempt and the last success of the same source.</summary>
internal static class ChangesCommand
{
    private static readonly Option<int?> Attempt = new("--attempt")
    {
        Description = "The attempt; without it the newest that has ended",
        HelpName = "NUMBER",
    };

    public static Command Create()
    {
        var command = new Command(
            "changes",
            "Show what changed since a source was last built on a platform: packages in the root, products, and where the logs begin to differ.\n\n"
                + "Examples:\n  pkgforge changes hello-2.10 bookworm-amd64\n"
                + "  pkgforge changes --json hello-2.10 bookworm-amd64 | jq .packages"
        )
        {
            JobArguments.Job,
            JobArguments.OnePlatform,
            Attempt,
            GlobalOptions.Target,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult words, CancellationToken cancel)
    {
        var (job, platform) = (JobArguments.ReadJob(words), JobArguments.ReadPlatform(words)!.Value);
        using var server = FarmServer.Of(words);
        var changes = server is null
            ? await FindAsync(words, job, platform, cancel)
            : await AskAsync(server, words, job, platform, cancel);
        if (words.GetValue(GlobalOptions.Json))
            Output.Json(changes, OutputJson.Default.ChangesJson);
        else
            ChangesText.Write(changes);
        return ExitCode.Done;
    }

    private static async Task<ChangesJson> AskAsync(
        FarmServer server,
        ParseResult words,
        JobId job,
        PlatformKey platform,
        CancellationToken cancel
    )
    {
        var number = words.GetValue(Attempt);
        if (number is null)
        {
            var task = Array.Find(
                (await new RemoteJobs(server).FindAsync(job, cancel)).Tasks ?? [],
                task => PlatformKey.TryParse(task.Platform, out var key) && key == platform
            );
            number = (task ?? throw NoTask(job, platform))
                .Attempts.LastOrDefault(attempt => attempt.Ended is not null)
                ?.Number;
        }
        return await server.GetAsync(
            $"jobs/{job}/tasks/{platform}/attempts/{number ?? throw NoAttempt(job, platform)}/changes",
            ApiJson.Default.ChangesJson,
            cancel
        );
    }

    private static async Task<ChangesJson> FindAsync(
        ParseResult words,
        JobId job,
        PlatformKey platform,
        CancellationToken cancel
    )
    {
        await using var session = FarmSession.Open(words);
        var detail =
            await session.Registry.FindJobAsync(job, cancel)
            ?? throw new CommandException(ExitCode.Failed, $"no job '{job}' is registered");
        var task = detail.Tasks.FirstOrDefault(task => task.Platform == platform) ?? throw NoTask(job, platform);
        var number = words.GetValue(Attempt);
        var attempt =
            task.Attempts.LastOrDefault(attempt =>
                attempt.Outcome != AttemptOutcome.Running && (number is null || attempt.Number == number)
            ) ?? throw NoAttempt(job, platform);
        return await new AttemptChanges(session.Registry, session.Farm.Spool.Results).FindAsync(
            detail.Job,
            task.Platform,
            attempt,
            withLogs: true,
            cancel
        );
    }

    private static CommandException NoTask(JobId job, PlatformKey platform) =>
        new(ExitCode.Failed, $"job '{job}' has no task on {platform}");

    private static CommandException NoAttempt(JobId job, PlatformKey platform) =>
        new(ExitCode.Failed, $"no such attempt at {job} on {platform} has ended yet");
}
