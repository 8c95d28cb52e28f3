using PkgForge.Logs;
using PkgForge.Platforms;
using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Attempts;

/// <summary>What has become of a source on a platform.</summary>
/// <param name="State"><c>built</c>, <c>building</c>, <c>stopped</c>, <c>waits</c>, <c>not tried</c>, or the cause of its failure.</param>
/// <param name="Time">How long its build took; null where it has not ended, or nobody noted it.</param>
/// <param name="Attempt">In which attempt; null where there was none.</param>
/// <param name="Line">Where it begins in the log; null where that is not known.</param>
public sealed record SourceState(string State, TimeSpan? Time, int? Attempt, long? Line)
{
    /// <summary>It is one of the words that are no cause of a failure.</summary>
    public bool IsCause => State is not ("built" or "building" or "stopped" or "waits" or "not tried");
}

/// <summary>
/// What has become of each source of a task: of an attempt that has ended its record says it, of one that goes on the farm's own lines in its log.
/// </summary>
/// <param name="records">Reads records.</param>
/// <param name="indexes">Reads logs.</param>
internal sealed class SourceStates(AttemptRecords records, LogIndexes indexes)
{
    private const string SourceLine = "source: ";
    private const string FailureLine = "failed: ";

    /// <summary>By the source's main file; sources of which nothing is known are left out.</summary>
    /// <param name="task">The task.</param>
    /// <param name="directory">Where the results of an attempt are.</param>
    public IReadOnlyDictionary<string, SourceState> Of(BuildTask task, Func<int, string> directory)
    {
        var states = new Dictionary<string, SourceState>(StringComparer.Ordinal);
        if (task.Attempts.Count == 0)
            return states;
        var attempt = task.Attempts[^1];
        var stages = StagesOf(directory(attempt.Number));
        var begins = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var stage in stages.Where(stage => stage.Text.StartsWith(SourceLine, StringComparison.Ordinal)))
            begins[stage.Text[SourceLine.Length..]] = stage.Line;
        if (attempt.Outcome == AttemptOutcome.Running)
            foreach (var (source, state) in Running(stages))
                states[source] = new(state, null, attempt.Number, begins[source]);
        else if (records.Of(directory(attempt.Number)) is { } record)
            foreach (var build in record.Builds)
                states[build.Source] = new(
                    build.Result,
                    build.Time,
                    attempt.Number,
                    begins.TryGetValue(build.Source, out var line) ? line : null
                );
        return states;
    }

    /// <summary>What can be said of a source of which nothing is known.</summary>
    public static SourceState Unknown(BuildTask task) =>
        new(
            task.State is BuildTaskState.NeedsBuild or BuildTaskState.Building ? "waits" : "not tried",
            null,
            null,
            null
        );

    private IReadOnlyList<LogStage> StagesOf(string directory)
    {
        try
        {
            return indexes.Of(new Spool.AttemptDirectory(directory).Log).Refresh().Stages;
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    /// <summary>The last source that was begun is being built; those before it were, or have failed.</summary>
    private static Dictionary<string, string> Running(IReadOnlyList<LogStage> stages)
    {
        var states = new Dictionary<string, string>(StringComparer.Ordinal);
        string? current = null;
        var failed = "";
        foreach (var stage in stages)
        {
            if (stage.Text.StartsWith(SourceLine, StringComparison.Ordinal))
            {
                if (current is not null)
                    states[current] = failed.Length > 0 ? failed : RecordedBuild.Built;
                (current, failed) = (stage.Text[SourceLine.Length..], "");
                states[current] = "building";
            }
            else if (stage.Text.StartsWith(FailureLine, StringComparison.Ordinal))
                failed = stage.Text[FailureLine.Length..].Split(':')[0];
        }
        return states;
    }
}

/// <summary>Sources of a job against its platforms.</summary>
/// <param name="Sources">Main files, in the job's own order; of many the first.</param>
/// <param name="More">So many sources more are left out.</param>
/// <param name="States">Of each platform what has become of each source.</param>
public sealed record SourceMatrix(
    IReadOnlyList<string> Sources,
    int More,
    IReadOnlyDictionary<PlatformKey, IReadOnlyDictionary<string, SourceState>> States
);
