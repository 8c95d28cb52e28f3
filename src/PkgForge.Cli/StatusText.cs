using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;

namespace PkgForge.Cli;

/// <summary>One job as a person wants to see it: what, how far, and why it failed.</summary>
internal static class StatusText
{
    /// <param name="job">The job, with its tasks.</param>
    /// <param name="now">The time.</param>
    public static void Write(JobJson job, DateTimeOffset now)
    {
        Output.Line($"job {job.Id}: {job.State}");
        if (job.Reason is { } reason)
            Output.Line($"  reason     {Output.Printable(reason)}");
        if (job.Sources.Length > 0)
            Output.Line($"  sources    {Output.Printable(string.Join(' ', job.Sources))}");
        Output.Line($"  bucket     {job.Bucket}{(job.Scratch ? " (scratch: nothing is published)" : "")}");
        if (job.Priority != Priority.Normal.Name())
            Output.Line($"  priority   {job.Priority}");
        Output.Line($"  submitted  {Words.Of(job.Submitted)} by {job.Submitter}");
        if (job.Ended is { } ended)
            Output.Line($"  ended      {Words.Of(ended)}, after {Words.Of(ended - job.Registered)}");
        foreach (var warning in job.Warnings ?? [])
            Output.Line($"  warning    {Output.Printable(warning)}");
        foreach (var task in job.Tasks ?? [])
            Write(task, task.Waiting is { } why ? WaitingText.Line(why, now) : null);
    }

    private static void Write(TaskJson task, string? why)
    {
        var asked = task.CancelRequested && task.State == "building" ? ", to be cancelled" : "";
        Output.Line($"  {task.Platform}: {task.State}{asked}");
        if (why is not null)
            Output.Line($"    {Output.Printable(why)}");
        foreach (var attempt in task.Attempts)
        {
            var time = attempt.Ended is { } ended
                ? $", {Words.Of(ended - attempt.Started)}"
                : $", since {Words.Of(attempt.Started)}";
            Output.Line($"    attempt {attempt.Number} by {attempt.Builder}: {attempt.Outcome}{time}");
            if (attempt.Cause is { } cause)
                Output.Line($"      cause     {cause}");
            if (attempt.Message is { } message)
                Output.Line($"      message   {Output.Printable(message)}");
            if (attempt.Evidence is { } evidence)
                Output.Line($"      evidence  {Where(attempt)}{Output.Printable(evidence)}");
        }
        if (task.Attempts.Length > 0)
            Output.Line($"    results   {task.Results}");
    }

    private static string Where(AttemptJson attempt) =>
        attempt.EvidenceLine is { } line ? $"line {line} of the log: " : "";
}
