using System.CommandLine;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge cancel</c> and <c>pkgforge retry</c>: both change a job's tasks, or the one on a platform.</summary>
internal static class TaskCommands
{
    private delegate Task<IReadOnlyList<PlatformKey>?> Change(
        IRegistry registry,
        JobId job,
        PlatformKey? platform,
        CancellationToken cancel
    );

    public static Command Cancel() =>
        Create(
            "cancel",
            "Cancel a job, or its task on one platform. Waiting tasks end at once, a running build is stopped by its builder.",
            (registry, job, platform, cancel) => registry.CancelAsync(job, platform, cancel),
            "cancelled",
            "nothing to cancel: all of it has ended"
        );

    public static Command Retry() =>
        Create(
            "retry",
            "Build the failed and cancelled tasks of a job again, or the one on a platform. Old attempts and logs stay.",
            (registry, job, platform, cancel) => registry.RetryAsync(job, platform, all: false, cancel),
            "to be built again",
            "nothing to retry: no task has failed or was cancelled"
        );

    private static Command Create(string verb, string summary, Change change, string done, string nothing)
    {
        var examples = $"Examples:\n  pkgforge {verb} hello-2.10\n  pkgforge {verb} hello-2.10 bookworm-amd64";
        var command = new Command(verb, $"{summary}\n\n{examples}") { JobArguments.Job, JobArguments.Platform };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var session = FarmSession.Open(words);
                var (job, platform) = (JobArguments.ReadJob(words), JobArguments.ReadPlatform(words));
                var changed =
                    await change(session.Registry, job, platform, cancel)
                    ?? throw new CommandException(ExitCode.Failed, Unknown(job, platform));
                if (words.GetValue(GlobalOptions.Json))
                    Output.Json(
                        new(job.ToString(), [.. changed.Select(key => key.ToString())]),
                        OutputJson.Default.ChangedJson
                    );
                else
                    Output.Line(
                        changed.Count == 0 ? $"{job}: {nothing}" : $"{job}: {done}: {string.Join(", ", changed)}"
                    );
                return changed.Count == 0 ? ExitCode.Failed : ExitCode.Done;
            }
        );
        return command;
    }

    private static string Unknown(JobId job, PlatformKey? platform) =>
        platform is null
            ? $"no job '{job}' is registered"
            : $"job '{job}' has no task on {platform}, or is not registered";
}
