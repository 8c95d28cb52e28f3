using System.CommandLine;
using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Cli.Commands;

/// <summary>Says what became of a change that was asked for a job's tasks.</summary>
internal static class TaskChange
{
    public static int Report(
        ParseResult words,
        JobId job,
        PlatformKey? platform,
        IReadOnlyList<PlatformKey>? changed,
        string done,
        string nothing
    )
    {
        if (changed is null)
            throw new CommandException(
                ExitCode.Failed,
                platform is null
                    ? $"no job '{job}' is registered"
                    : $"job '{job}' has no task on {platform}, or is not registered"
            );
        if (words.GetValue(GlobalOptions.Json))
            Output.Json(
                new(job.ToString(), [.. changed.Select(key => key.ToString())]),
                OutputJson.Default.ChangedJson
            );
        else
            Output.Line(changed.Count == 0 ? $"{job}: {nothing}" : $"{job}: {done}: {string.Join(", ", changed)}");
        return changed.Count == 0 ? ExitCode.Failed : ExitCode.Done;
    }
}
