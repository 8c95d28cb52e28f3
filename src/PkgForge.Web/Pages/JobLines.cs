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
    )
    {
        var lines = new List<JobLine>();
        var asked = 0;
        foreach (var job in await registry.ListJobsAsync(query, cancel))
        {
            var live = job.State is JobState.Registered or JobState.Building && asked++ < Explained;
            var waiting = live ? await registry.ExplainAsync(job.Id, cancel) : [];
            lines.Add(new(job, WaitingText.Short(job.State, waiting)));
        }
        return lines;
    }
}
