using System.CommandLine;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge retry</c>.</summary>
internal static class RetryCommand
{
    public static Command Create()
    {
        var command = new Command(
            "retry",
            "Build the failed and cancelled tasks of a job again, or the one on a platform. Old attempts and logs stay.\n\n"
                + "Examples:\n  pkgforge retry hello-2.10\n  pkgforge retry hello-2.10 bookworm-amd64"
        )
        {
            JobArguments.Job,
            JobArguments.Platform,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var session = FarmSession.Open(words);
                var (job, platform) = (JobArguments.ReadJob(words), JobArguments.ReadPlatform(words));
                var changed = await session.Registry.RetryAsync(job, platform, cancel);
                return TaskChange.Report(
                    words,
                    job,
                    platform,
                    changed,
                    "to be built again",
                    "nothing to retry: no task has failed or was cancelled"
                );
            }
        );
        return command;
    }
}
