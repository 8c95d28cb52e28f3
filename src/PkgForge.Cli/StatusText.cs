using PkgForge.Registry;

namespace PkgForge.Cli;

/// <summary>One job as a person wants to see it: what, how far, and why it failed.</summary>
internal static class StatusText
{
    public static void Write(JobDetail detail, TaskJson[] tasks)
    {
        var job = detail.Job;
        Output.Line($"job {job.Id}: {Words.Of(job.State)}");
        if (job.Reason is { } reason)
            Output.Line($"  reason     {Output.Printable(reason)}");
        if (job.Sources.Count > 0)
            Output.Line($"  sources    {Output.Printable(string.Join(' ', job.Sources))}");
        Output.Line($"  bucket     {job.Bucket}{(job.Scratch ? " (scratch: nothing is published)" : "")}");
        Output.Line($"  submitted  {Words.Of(job.Submitted)} by {job.Submitter}");
        if (job.Ended is { } ended)
            Output.Line($"  ended      {Words.Of(ended)}, after {Words.Of(ended - job.Registered)}");
        foreach (var task in tasks)
            Write(task);
    }

    private static void Write(TaskJson task)
    {
        var asked = task.CancelRequested && task.State == "building" ? ", to be cancelled" : "";
        Output.Line($"  {task.Platform}: {task.State}{asked}");
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
                Output.Line($"      evidence  {Output.Printable(evidence)}");
        }
        if (task.Attempts.Length > 0)
            Output.Line($"    results   {task.Results}");
    }
}
