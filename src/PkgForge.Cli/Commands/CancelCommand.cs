using System.CommandLine;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge cancel</c>.</summary>
internal static class CancelCommand
{
    public static Command Create()
    {
        var command = new Command(
            "cancel",
            "Cancel a job, or its task on one platform. Waiting tasks end at once, a running build is stopped by its builder.\n\n"
                + "Examples:\n  pkgforge cancel hello-2.10\n  pkgforge cancel hello-2.10 bookworm-amd64"
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
                var changed = await session.Registry.CancelAsync(job, platform, cancel);
                return TaskChange.Report(
                    words,
                    job,
                    platform,
                    changed,
                    "cancelled",
                    "nothing to cancel: all of it has ended"
                );
            }
        );
        return command;
    }
}
