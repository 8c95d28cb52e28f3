using System.CommandLine;
using PkgForge.Cli.Remote;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry.Views;
using PkgForge.Server.Handlers;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge cancel</c> and <c>pkgforge retry</c>: both change a job's tasks, or the one on a platform.</summary>
internal static class TaskCommands
{
    private static readonly Option<bool> All = new("--all") { Description = "Those, too, that succeeded" };

    /// <summary>Cancels a job in any state: also one that lies in <c>incoming</c>, or is being taken from there.</summary>
    public static Command Cancel()
    {
        var command = new Command(
            "cancel",
            "Cancel a job, or its task on one platform. What waits ends at once, a running build is stopped by its builder.\n\n"
                + "Examples:\n  pkgforge cancel hello-2.10\n  pkgforge cancel hello-2.10 bookworm-amd64"
        )
        {
            JobArguments.Job,
            JobArguments.Platform,
            GlobalOptions.Target,
        };
        command.SetAction(CancelAsync);
        return command;
    }

    /// <summary>Builds tasks again that have ended.</summary>
    public static Command Retry()
    {
        var command = new Command(
            "retry",
            "Build the failed and cancelled tasks of a job again, or the one on a platform. Old attempts and logs stay.\n\n"
                + "Examples:\n  pkgforge retry hello-2.10                  # what failed or was cancelled\n"
                + "  pkgforge retry hello-2.10 bookworm-amd64   # the task on one platform\n"
                + "  pkgforge retry --all hello-2.10            # the whole job"
        )
        {
            JobArguments.Job,
            JobArguments.Platform,
            All,
            GlobalOptions.Target,
        };
        command.SetAction(RetryAsync);
        return command;
    }

    private static async Task<int> CancelAsync(ParseResult words, CancellationToken cancel)
    {
        var (job, platform) = (JobArguments.ReadJob(words), JobArguments.ReadPlatform(words));
        using var server = FarmServer.Of(words);
        if (server is not null)
            return TellCancelled(
                words,
                await new RemoteJobs(server).ChangeAsync("cancel", job, platform, false, cancel)
            );
        await using var session = FarmSession.Open(words);
        var changed = await session.Registry.CancelAsync(job, platform, cancel);
        if (changed is null && platform is null)
        {
            var withdrawn = await new Withdrawal(session.Farm).RunAsync(job, cancel);
            // Incoming may have registered it meanwhile.
            changed = await session.Registry.CancelAsync(job, null, cancel);
            if (changed is null && withdrawn)
                return TellCancelled(words, new(job.ToString(), [], Withdrawn: true));
        }
        return TellCancelled(words, ChangedJson.Of(job, changed ?? throw Unknown(job, platform)));
    }

    private static int TellCancelled(ParseResult words, ChangedJson changed)
    {
        if (changed.Withdrawn != true)
            return Tell(words, changed, "cancelled", "nothing to cancel: all of it has ended");
        if (words.GetValue(GlobalOptions.Json))
            Output.Json(changed, OutputJson.Default.ChangedJson);
        else
            Output.Line($"{changed.Job}: cancelled: taken out of incoming, before the farm knew of it");
        return ExitCode.Done;
    }

    private static async Task<int> RetryAsync(ParseResult words, CancellationToken cancel)
    {
        var (job, platform) = (JobArguments.ReadJob(words), JobArguments.ReadPlatform(words));
        var all = words.GetValue(All);
        var changed = await RetryAsync(words, job, platform, all, cancel);
        var nothing = all
            ? "nothing to retry: no task has ended"
            : "nothing to retry: no task has failed or was cancelled; what succeeded is built again with --all";
        return Tell(words, changed, "to be built again", nothing);
    }

    private static async Task<ChangedJson> RetryAsync(
        ParseResult words,
        JobId job,
        PlatformKey? platform,
        bool all,
        CancellationToken cancel
    )
    {
        using var server = FarmServer.Of(words);
        if (server is not null)
            return await new RemoteJobs(server).ChangeAsync("retry", job, platform, all, cancel);
        await using var session = FarmSession.Open(words);
        return ChangedJson.Of(
            job,
            await session.Registry.RetryAsync(job, platform, all, cancel) ?? throw Unknown(job, platform)
        );
    }

    private static int Tell(ParseResult words, ChangedJson changed, string done, string nothing)
    {
        var none = changed.Platforms.Length == 0;
        if (words.GetValue(GlobalOptions.Json))
            Output.Json(changed, OutputJson.Default.ChangedJson);
        else
            Output.Line($"{changed.Job}: {(none ? nothing : $"{done}: {string.Join(", ", changed.Platforms)}")}");
        return none ? ExitCode.Failed : ExitCode.Done;
    }

    private static CommandException Unknown(JobId job, PlatformKey? platform) =>
        new(
            ExitCode.Failed,
            platform is null
                ? $"no job '{job}' is registered"
                : $"job '{job}' has no task on {platform}, or is not registered"
        );
}
