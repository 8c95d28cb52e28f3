using PkgForge.Jobs;

namespace PkgForge.Registry.Views;

/// <summary>Pages of jobs with what they wait for, as <c>status</c> and the API list them.</summary>
public static class JobLists
{
    /// <summary>Why a task waits is worked out among all that wait; a long page asks it for its first jobs only.</summary>
    public const int Explained = 100;

    private static readonly string[] Live =
    [
        Words.Of(JobState.Incoming),
        Words.Of(JobState.Registered),
        Words.Of(JobState.Building),
    ];

    /// <summary>A page of jobs.</summary>
    /// <returns>The jobs, and the one before which the next page begins; null when there is none.</returns>
    public static async Task<(JobJson[] Jobs, JobId? Next)> ReadAsync(
        IRegistry registry,
        JobQuery query,
        CancellationToken cancel
    )
    {
        var page = new List<JobJson>();
        var asked = 0;
        var found = await registry.FindJobsAsync(query, cancel);
        foreach (var job in found.Jobs)
        {
            var isAsked = IsLive(job.State) && asked++ < Explained;
            IReadOnlyList<Waiting> waiting = isAsked ? await registry.ExplainAsync(job.Id, cancel) : [];
            page.Add(
                JobJson.Of(job, waiting) with
                {
                    WaitsFor = isAsked ? WaitingText.Short(job.State, waiting) : null,
                }
            );
        }
        return ([.. page], found.Next);
    }

    /// <summary>Whether a job can still change without anybody asking for it.</summary>
    public static bool IsLive(JobJson job) => Live.Contains(job.State);

    /// <summary>Whether a job in this state can still change without anybody asking for it.</summary>
    public static bool IsLive(JobState state) => state is JobState.Incoming or JobState.Registered or JobState.Building;
}
