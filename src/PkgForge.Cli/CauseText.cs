using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;

namespace PkgForge.Cli;

/// <summary>Why an attempt failed: <c>pkgforge log --cause</c>.</summary>
internal static class CauseText
{
    /// <summary>The attempt of that number, or the newest that failed.</summary>
    public static AttemptJson Pick(string id, TaskJson task, int? number)
    {
        if (number is null)
            return Array.FindLast(task.Attempts, attempt => attempt.Cause is not null)
                ?? throw new CommandException(
                    ExitCode.Failed,
                    $"no attempt at {id} on {task.Platform} has failed by its own fault: the task is '{task.State}'; "
                        + $"see 'pkgforge status {id}'"
                );
        var wanted =
            Array.Find(task.Attempts, attempt => attempt.Number == number)
            ?? throw new CommandException(ExitCode.Failed, $"{id} on {task.Platform} has no attempt {number}");
        return wanted.Cause is not null
            ? wanted
            : throw new CommandException(
                ExitCode.Failed,
                $"attempt {number} at {id} on {task.Platform} has no cause: its outcome is '{wanted.Outcome}'"
            );
    }

    /// <summary>Where the evidence stands in the log; null where it is no line of it.</summary>
    public static LogPlace? PlaceOf(AttemptJson attempt) => LogPlace.Of(attempt.EvidenceOffset, attempt.EvidenceLine);

    /// <param name="id">The job.</param>
    /// <param name="task">Its task.</param>
    /// <param name="attempt">The attempt that failed.</param>
    /// <param name="log">Where its log is.</param>
    /// <param name="lines">Those around the evidence.</param>
    /// <param name="json">For scripts.</param>
    public static void Write(
        string id,
        TaskJson task,
        AttemptJson attempt,
        string log,
        IReadOnlyList<ExcerptLine> lines,
        bool json
    )
    {
        if (json)
            Output.Json(Describe(id, task, attempt, lines), OutputJson.Default.CauseJson);
        else
            WriteText($"{id} on {task.Platform}", attempt, log, lines);
    }

    private static void WriteText(string subject, AttemptJson attempt, string log, IReadOnlyList<ExcerptLine> lines)
    {
        var place = PlaceOf(attempt);
        Output.Line($"{subject}, attempt {attempt.Number}: {attempt.Cause}");
        if (attempt.Message is { } message)
            Output.Line($"message   {Output.Printable(message)}");
        if (attempt.Evidence is { } evidence)
            Output.Line($"evidence  {(place is null ? "" : $"line {place.Line}: ")}{Output.Printable(evidence)}");
        Output.Line($"log       {log}");
        if (lines.Count > 0)
            Output.Line("");
        else if (place is not null)
            Output.Line("The log has no such line any more.");
        else
            Output.Line("No line of the log shows it.");
        foreach (var line in LogExcerpt.Render(lines))
            Output.Line(line);
    }

    private static CauseJson Describe(
        string id,
        TaskJson task,
        AttemptJson attempt,
        IReadOnlyList<ExcerptLine> lines
    ) =>
        new(
            id,
            task.Platform,
            attempt.Number,
            attempt.Cause!,
            attempt.Message,
            attempt.Evidence,
            attempt.EvidenceOffset,
            attempt.EvidenceLine,
            [.. lines.Select(line => new ExcerptJson(line.Number, line.Text))]
        );
}
