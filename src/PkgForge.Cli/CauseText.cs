using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Server.Builds;

namespace PkgForge.Cli;

/// <summary>Why an attempt failed: <c>pkgforge log --cause</c>.</summary>
internal static class CauseText
{
    /// <summary>The attempt of that number, or the newest that failed.</summary>
    public static Attempt Pick(JobId id, BuildTask task, int? number)
    {
        if (number is null)
            return task.Attempts.LastOrDefault(attempt => attempt.Cause is not null)
                ?? throw new CommandException(
                    ExitCode.Failed,
                    $"no attempt at {id} on {task.Platform} has failed by its own fault: the task is '{Words.Of(task.State)}'; "
                        + $"see 'pkgforge status {id}'"
                );
        var wanted =
            task.Attempts.FirstOrDefault(attempt => attempt.Number == number)
            ?? throw new CommandException(ExitCode.Failed, $"{id} on {task.Platform} has no attempt {number}");
        return wanted.Cause is not null
            ? wanted
            : throw new CommandException(
                ExitCode.Failed,
                $"attempt {number} at {id} on {task.Platform} has no cause: its outcome is '{Words.Of(wanted.Outcome)}'"
            );
    }

    public static void Write(JobId id, BuildTask task, Attempt attempt, string path, bool json)
    {
        var lines = attempt.Place is { } place ? LogExcerpt.Read(path, place) : [];
        if (json)
            Output.Json(Describe(id, task, attempt, lines), OutputJson.Default.CauseJson);
        else
            WriteText($"{id} on {task.Platform}", attempt, path, lines);
    }

    private static void WriteText(string subject, Attempt attempt, string path, IReadOnlyList<ExcerptLine> lines)
    {
        Output.Line($"{subject}, attempt {attempt.Number}: {attempt.Cause!.Value.Name()}");
        if (attempt.Message is { } message)
            Output.Line($"message   {Output.Printable(message)}");
        if (attempt.Evidence is { } evidence)
            Output.Line(
                $"evidence  {(attempt.Place is { } at ? $"line {at.Line}: " : "")}{Output.Printable(evidence)}"
            );
        Output.Line($"log       {path}");
        if (lines.Count > 0)
            Output.Line("");
        else if (attempt.Place is not null)
            Output.Line("The log has no such line any more.");
        else
            Output.Line("No line of the log shows it.");
        foreach (var line in LogExcerpt.Render(lines))
            Output.Line(line);
    }

    private static CauseJson Describe(JobId id, BuildTask task, Attempt attempt, IReadOnlyList<ExcerptLine> lines) =>
        new(
            id.ToString(),
            task.Platform.ToString(),
            attempt.Number,
            attempt.Cause!.Value.Name(),
            attempt.Message,
            attempt.Evidence,
            attempt.Place?.Offset,
            attempt.Place?.Line,
            [.. lines.Select(line => new ExcerptJson(line.Number, line.Text))]
        );
}
