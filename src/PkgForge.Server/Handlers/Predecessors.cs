using PkgForge.Jobs;
using PkgForge.Registry;

namespace PkgForge.Server.Handlers;

/// <summary>Why a job cannot wait for those that it names.</summary>
/// <param name="Message">For a person.</param>
/// <param name="Missing">The job that is not registered; null where another one is at fault.</param>
internal sealed record PredecessorFault(string Message, JobId? Missing);

/// <summary>Whether the jobs that a job is to wait for are there, and can ever succeed.</summary>
internal sealed class Predecessors(Farm farm)
{
    /// <summary>So many are remembered, lest a pass ask for each job of a long chain again and again.</summary>
    private const int MostRemembered = 10_000;

    // A registered job stays one.
    private readonly HashSet<JobId> known = [];

    /// <summary>Notes a job that was registered.</summary>
    public void Note(JobId id)
    {
        if (known.Count >= MostRemembered)
            known.Clear();
        known.Add(id);
    }

    /// <summary>The first fault; null if there is none.</summary>
    /// <param name="job">The job.</param>
    /// <param name="isPending">Says whether a job will be registered before this one.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<PredecessorFault?> FindFaultAsync(Job job, Func<JobId, bool> isPending, CancellationToken cancel)
    {
        if (job.After.Contains(job.Id))
            return new($"it is to wait for itself ('after: {job.Id}'); leave that out", null);
        foreach (var id in job.After)
        {
            if (!known.Contains(id) && !isPending(id) && await FindFaultAsync(id, cancel) is { } fault)
                return fault;
        }
        return null;
    }

    private async Task<PredecessorFault?> FindFaultAsync(JobId id, CancellationToken cancel)
    {
        if (await farm.Registry.FindJobAsync(id, cancel) is not { } found)
            return new($"it is to wait for job '{id}', and there is none; submit that one first, or leave it out", id);
        if (found.Job.State == JobState.Invalid)
            return new(
                $"it is to wait for job '{id}', which was rejected and will never be built: {found.Job.Reason}",
                null
            );
        Note(id);
        return null;
    }
}
