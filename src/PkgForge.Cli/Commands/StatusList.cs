using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;

namespace PkgForge.Cli.Commands;

/// <summary>A page of jobs, one line each.</summary>
internal static class StatusList
{
    /// <summary>Prints the page. What would be empty in every line is left out.</summary>
    public static void Write(IReadOnlyList<JobJson> page, JobQuery query, JobId? next) =>
        Write([.. page.Select(job => (job, WaitsFor(job)))], query, next);

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

    /// <summary>Of a long page it is asked for the first jobs only; of the others it is said where to see it.</summary>
    private static string WaitsFor(JobJson job) =>
        job.WaitsFor ?? (JobLists.IsLive(job) ? $"see: pkgforge status {job.Id}" : "");

    private static string Unusual(string priority) => priority == Priority.Normal.Name() ? "" : priority;
}
