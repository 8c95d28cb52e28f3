using System.Text;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using PkgForge.Sources;

namespace PkgForge.Server.Reporting;

/// <summary>Writes the report of a task: one mail to the addresses of its job.</summary>
internal static class TaskReport
{
    /// <summary>The mail; null when the job asks for none.</summary>
    public static OutgoingMail? Render(TaskDescription task)
    {
        var (job, platform) = (task.Job, task.Task.Platform);
        if (job.Report.Count == 0)
            return null;
        var state = task.End.State.Name();
        var headers = new Dictionary<string, string>
        {
            ["X-PkgForge-Status"] = state,
            ["X-PkgForge-Builder"] = task.Task.Builder,
            ["X-PkgForge-ID"] = job.Id.ToString(),
            ["X-PkgForge-Platform"] = platform.ToString(),
        };
        var subject = $"[PkgForge] {SourceName.Of(job.Sources)} on {platform}: {state}";
        return new(job.Report, MailText.ForHeader(subject), headers, MailText.ForBody(Body(task)));
    }

    private static string Body(TaskDescription task)
    {
        var job = task.Job;
        (string Name, string? Value)[] lines =
        [
            ("Job", job.Id.ToString()),
            ("Platform", task.Task.Platform.ToString()),
            ("Result", task.End.State.Name()),
            ("Cause", task.End.Cause?.Name()),
            ("Evidence", task.End.Evidence),
            ("Message", task.End.Message),
            ("Bucket", job.Scratch ? $"{job.Bucket} (scratch: nothing is published)" : job.Bucket),
            ("Submitter", job.Submitter),
            ("Submitted", $"{job.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"),
            ("Builder", $"{task.Task.Builder}, attempt {task.Task.Attempt}"),
        ];
        var text = new StringBuilder();
        foreach (var (name, value) in lines.Where(line => !string.IsNullOrEmpty(line.Value)))
            text.Append($"{name + ":", -11} {value}\n");
        AppendList(text, "Not all that was asked for could be had", task.Warnings);
        AppendList(text, "Log, around the evidence", LogExcerpt.Render(task.Excerpt));
        AppendList(text, "Sources", job.Sources.Select(source => $"{source}: {FateOf(source, task)}"));
        AppendList(text, "Products", task.End.Products.Select(p => $"{p.FileName} ({p.Size} bytes)"));
        text.Append($"\nLogs and products: {task.Results}\nMore: pkgforge status {job.Id}\n");
        return text.ToString();
    }

    private static string FateOf(string source, TaskDescription task) =>
        task.End.Sources.LastOrDefault(result => result.File == source) switch
        {
            null => "not tried here",
            { Cause: { } cause } => $"failed ({cause.Name()})",
            _ => "built",
        };

    private static void AppendList(StringBuilder text, string title, IEnumerable<string> lines)
    {
        var list = lines.ToList();
        if (list.Count > 0)
            text.Append($"\n{title}:\n{string.Concat(list.Select(line => $"  {line}\n"))}");
    }
}
