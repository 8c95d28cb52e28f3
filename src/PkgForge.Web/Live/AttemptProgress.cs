using System.Text;
using System.Text.Json;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Spool;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Live;

/// <summary>How far the attempts of a job are that run, by their logs.</summary>
internal sealed class AttemptProgress(SpoolDirectories spool, LogIndexes indexes)
{
    /// <summary>Of a longer line the rest is left out. Bytes.</summary>
    private const int LongestLine = 300;

    private static readonly string Running = Words.Of(AttemptOutcome.Running);

    /// <summary>An event for each attempt that runs and has a log.</summary>
    public IReadOnlyList<FarmEvent> Of(JobId id, JobJson? job)
    {
        var events = new List<FarmEvent>();
        foreach (var task in job?.Tasks ?? [])
        {
            if (
                task.Attempts is [.., var last]
                && last.Outcome == Running
                && PlatformKey.TryParse(task.Platform, out var platform)
                && Of(task.Platform, last.Number, spool.Results.PathOf(id, platform, last.Number)) is { } progress
            )
                events.Add(
                    new(FarmEvent.Progress, null, JsonSerializer.Serialize(progress, EventJson.Default.ProgressJson))
                );
        }
        return events;
    }

    private ProgressJson? Of(string platform, int attempt, string directory)
    {
        try
        {
            var index = indexes.Of(new AttemptDirectory(directory).Log);
            var state = index.Refresh();
            var last = state.Whole > 0 && index.Read(state.Whole, 1, LongestLine) is [var line] ? line : null;
            return new(
                platform,
                attempt,
                state.Stages is [.., var stage] ? stage.Text : null,
                state.Whole,
                last is null ? null : Encoding.UTF8.GetString(last.Bytes).TrimEnd('\r')
            );
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
