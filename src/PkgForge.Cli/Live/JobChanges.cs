using PkgForge.Registry;
using PkgForge.Registry.Views;

namespace PkgForge.Cli.Live;

/// <summary>What is another than before in a job, a line each.</summary>
internal static class JobChanges
{
    public static IReadOnlyList<string> Between(JobJson? before, JobJson now)
    {
        var lines = new List<string>();
        foreach (var task in now.Tasks ?? [])
            lines.AddRange(Between(Array.Find(before?.Tasks ?? [], old => old.Platform == task.Platform), task));
        if (before?.State != now.State)
            lines.Add($"job {now.Id}: {now.State}{(now.Reason is { } reason ? $": {reason}" : "")}");
        return lines;
    }

    private static IEnumerable<string> Between(TaskJson? before, TaskJson now)
    {
        var known = before?.Attempts.ToDictionary(attempt => attempt.Number, attempt => attempt.Outcome) ?? [];
        foreach (
            var attempt in now.Attempts.Where(attempt => known.GetValueOrDefault(attempt.Number) != attempt.Outcome)
        )
            yield return $"{now.Platform}: {Describe(attempt)}";
        if (
            now.CancelRequested
            && before is not { CancelRequested: true }
            && now.State == Words.Of(BuildTaskState.Building)
        )
            yield return $"{now.Platform}: to be cancelled";
        // What an attempt has come to says it all, but where the task was put back or cancelled.
        if (
            before?.State != now.State
            && now.State is not ("building" or "success" or "fail")
            && !(before is null && now.Waiting is not null)
        )
            yield return $"{now.Platform}: {now.State}";
        if (now.Waiting is { } waiting && before?.Waiting?.Details != waiting.Details)
            yield return $"{now.Platform}: waits: {waiting.Details}";
    }

    private static string Describe(AttemptJson attempt)
    {
        if (attempt.Ended is not { } ended)
            return $"attempt {attempt.Number} by {attempt.Builder} has begun";
        var why = string.Join(
            ": ",
            new[] { attempt.Cause, attempt.Message, attempt.Evidence }.Where(part => part is { Length: > 0 })
        );
        return $"{attempt.Outcome} after {Words.Of(ended - attempt.Started)}{(why.Length > 0 ? $": {why}" : "")}";
    }
}
