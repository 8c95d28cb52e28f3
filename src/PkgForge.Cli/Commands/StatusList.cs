using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;

namespace PkgForge.Cli.Commands;

/// <summary>A job of the list, and why its tasks wait, as far as it was asked.</summary>
internal sealed record ListedJob(JobSummary Job, IReadOnlyList<Waiting> Waiting)
{
    /// <summary>False when it was not asked why the job's tasks wait.</summary>
    public bool IsAsked { get; init; } = true;
}

/// <summary>A page of jobs, one line each.</summary>
internal static class StatusList
{
    /// <summary>
    /// Why a task waits is worked out among all that wait; a long page asks it for its first jobs only, and says so of the others.
    /// </summary>
    private const int Explained = 100;

    public static async Task<(IReadOnlyList<ListedJob> Jobs, JobId? Next)> ReadAsync(
        IRegistry registry,
        JobQuery query,
        CancellationToken cancel
    )
    {
        var page = new List<ListedJob>();
        var asked = 0;
        var found = await registry.FindJobsAsync(query, cancel);
        foreach (var job in found.Jobs)
        {
            var live = job.State is JobState.Registered or JobState.Building;
            var waiting = live && asked++ < Explained ? await registry.ExplainAsync(job.Id, cancel) : [];
            page.Add(new(job, waiting) { IsAsked = !live || asked <= Explained });
        }
        return (page, found.Next);
    }

    /// <summary>Prints the page. What would be empty in every line is left out.</summary>
    public static void Write(IReadOnlyList<ListedJob> page, JobQuery query, JobId? next) =>
        Write([.. page.Select(listed => (JobJson.Of(listed.Job, listed.Waiting), WaitsFor(listed)))], query, next);

    /// <summary>Prints a page that a server has told.</summary>
    public static void Write(IReadOnlyList<JobJson> page, JobQuery query, JobId? next) =>
        Write([.. page.Select(job => (job, job.Waits ?? ""))], query, next);

    private static void Write(IReadOnlyList<(JobJson Job, string Waits)> page, JobQuery query, JobId? next)
    {
        (string Name, Func<(JobJson Job, string Waits), string> Cell, bool Always)[] columns =
        [
            ("JOB", listed => listed.Job.Id, true),
            ("STATE", listed => listed.Job.State, true),
            ("PRIORITY", listed => Unusual(listed.Job.Priority), false),
            ("WAITS FOR", listed => listed.Waits, false),
            ("BUCKET", listed => listed.Job.Bucket, true),
            ("SUBMITTER", listed => listed.Job.Submitter, true),
            ("SUBMITTED", listed => Words.Of(listed.Job.Submitted), true),
            ("SOURCES", listed => string.Join(' ', listed.Job.Sources), true),
        ];
        var shown = columns.Where(column => column.Always || page.Any(job => column.Cell(job).Length > 0)).ToList();
        Output.Table(
            [.. shown.Select(column => column.Name)],
            page.Select(job => shown.Select(column => column.Cell(job)).ToArray()),
            query with { Limit = 0 } == new JobQuery(Limit: 0)
                ? "no jobs yet; submit one: pkgforge submit -B BUCKET FILE"
                : "no such jobs"
        );
        // Not among the rows, which scripts read.
        if (next is { } last)
            Console.Error.WriteLine(
                page.Count == query.Limit
                    ? $"there may be more: add --older-than {last}"
                    : $"looked back as far as job {last}; to look further: add --older-than {last}"
            );
    }

    private static string WaitsFor(ListedJob listed) =>
        listed.IsAsked ? WaitingText.Short(listed.Job.State, listed.Waiting) : $"see: pkgforge status {listed.Job.Id}";

    private static string Unusual(string priority) => priority == Priority.Normal.Name() ? "" : priority;
}
