using PkgForge.Jobs;
using PkgForge.Registry;

namespace PkgForge.Cli.Commands;

/// <summary>A job of the list, and why its tasks wait, as far as it was asked.</summary>
internal sealed record ListedJob(JobSummary Job, IReadOnlyList<Waiting> Waiting);

/// <summary>A page of jobs, one line each.</summary>
internal static class StatusList
{
    /// <summary>
    /// Why a task waits is worked out among all that wait; a page asks it for no more jobs than the usual page has.
    /// </summary>
    private const int Explained = 20;

    public static async Task<IReadOnlyList<ListedJob>> ReadAsync(
        IRegistry registry,
        JobQuery query,
        CancellationToken cancel
    )
    {
        var page = new List<ListedJob>();
        var asked = 0;
        foreach (var job in await registry.ListJobsAsync(query, cancel))
        {
            var live = job.State is JobState.Registered or JobState.Building;
            page.Add(new(job, live && asked++ < Explained ? await registry.ExplainAsync(job.Id, cancel) : []));
        }
        return page;
    }

    /// <summary>Prints the page. What would be empty in every line is left out.</summary>
    public static void Write(IReadOnlyList<ListedJob> page)
    {
        (string Name, Func<ListedJob, string> Cell, bool Always)[] columns =
        [
            ("JOB", listed => listed.Job.Id.ToString(), true),
            ("STATE", listed => Words.Of(listed.Job.State), true),
            ("PRIORITY", listed => Unusual(listed.Job.Priority), false),
            ("WAITS FOR", listed => WaitingText.Short(listed.Job.State, listed.Waiting), false),
            ("BUCKET", listed => listed.Job.Bucket, true),
            ("SUBMITTER", listed => listed.Job.Submitter, true),
            ("SUBMITTED", listed => Words.Of(listed.Job.Submitted), true),
            ("SOURCES", listed => string.Join(' ', listed.Job.Sources), true),
        ];
        var shown = columns.Where(column => column.Always || page.Any(job => column.Cell(job).Length > 0)).ToList();
        Output.Table(
            [.. shown.Select(column => column.Name)],
            page.Select(job => shown.Select(column => column.Cell(job)).ToArray()),
            "no jobs yet; submit one: pkgforge submit -B BUCKET FILE"
        );
    }

    private static string Unusual(Priority priority) => priority == Priority.Normal ? "" : priority.Name();
}
