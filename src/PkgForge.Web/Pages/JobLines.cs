using PkgForge.Registry;

namespace PkgForge.Web.Pages;

/// <summary>Jobs with what they wait for.</summary>
internal static class JobLines
{
    /// <summary>Why a task waits is worked out among all that wait: a long page asks it for its first jobs only.</summary>
    private const int Explained = 20;

    public static async Task<IReadOnlyList<JobLine>> ReadAsync(
        IRegistry registry,
        JobQuery query,
        CancellationToken cancel
    ) => await ExplainAsync(registry, await registry.ListJobsAsync(query, cancel), cancel);

    public static async Task<IReadOnlyList<JobLine>> ExplainAsync(
        IRegistry registry,
        IReadOnlyList<JobSummary> jobs,
        CancellationToken cancel
    )
    {
        var lines = new List<JobLine>();
        var asked = 0;
        foreach (var job in jobs)
        {
            var live = job.State is JobState.Registered or JobState.Building && asked++ < Explained;
            var waiting = live ? await registry.ExplainAsync(job.Id, cancel) : [];
            lines.Add(new(job, WaitingText.Short(job.State, waiting)));
        }
        return lines;
    }
}
