using PkgForge.Registry;
using PkgForge.Registry.Views;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace PkgForge.Cli.Live;

/// <summary>What is being built and what waits, for a terminal.</summary>
internal static class FarmTable
{
    /// <summary>Lines that are no job's.</summary>
    private const int Others = 6;

    /// <param name="farm">What is known.</param>
    /// <param name="now">The time.</param>
    /// <param name="height">Lines of the terminal.</param>
    public static IRenderable Of(WatchedFarm farm, DateTimeOffset now, int height)
    {
        var running = farm.Jobs.SelectMany(job => (job.Building ?? []).Select(task => (job, task))).ToList();
        var waiting = farm.Jobs.Where(job => job.Building is not { Length: > 0 }).Reverse().ToList();
        var most = Math.Max(4, height - Others);
        var parts = new List<IRenderable>
        {
            new Text($"{running.Count} being built, {waiting.Count} waiting", new Style(decoration: Decoration.Bold)),
        };
        if (running.Count > 0)
            parts.Add(Building(running.Take(most / 2), now));
        if (waiting.Count > 0)
            parts.Add(Waiting(waiting.Take(most - Math.Min(running.Count, most / 2))));
        return new Rows(parts);
    }

    private static Table Building(IEnumerable<(JobJson Job, RunningJson Task)> running, DateTimeOffset now)
    {
        var table = JobTable.Plain("BUILDING", "PLATFORM", "BUILDER", "TIME", "SUBMITTER");
        foreach (var (job, task) in running)
            table.AddRow(
                JobTable.Cell(job.Id),
                JobTable.Cell(task.Platform),
                JobTable.Cell(task.Builder),
                JobTable.Cell(Words.Of(TimeSpan.FromSeconds(Math.Max(0, Math.Round((now - task.Since).TotalSeconds))))),
                JobTable.Cell(job.Submitter)
            );
        return table;
    }

    private static Table Waiting(IEnumerable<JobJson> waiting)
    {
        var table = JobTable.Plain("WAITING", "FOR", "BUCKET", "SUBMITTER");
        foreach (var job in waiting)
            table.AddRow(
                JobTable.Cell(job.Id),
                JobTable.Cell(job.WaitsFor ?? ""),
                JobTable.Cell(job.Bucket),
                JobTable.Cell(job.Submitter)
            );
        return table;
    }
}
