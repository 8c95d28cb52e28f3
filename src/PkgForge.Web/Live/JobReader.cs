using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Spool;

namespace PkgForge.Web.Live;

/// <summary>One job as scripts see it: from the registry; and before that knows of it, from the spool.</summary>
/// <param name="registry">Knows the jobs that were taken.</param>
/// <param name="spool">Has those that were not, and the manifests.</param>
/// <param name="results">The directory or address of a task's results.</param>
public sealed class JobReader(IRegistry registry, SpoolDirectories spool, Func<JobId, PlatformKey, string> results)
{
    /// <summary>The addresses of the API.</summary>
    public static string Address(JobId job, PlatformKey platform) => $"/api/v1/jobs/{job}/tasks/{platform}";

    /// <summary>A job with its tasks, and why they wait; null if there is none.</summary>
    public async Task<JobJson?> FindAsync(JobId id, CancellationToken cancel)
    {
        if (await registry.FindJobAsync(id, cancel) is { } detail)
            return await DescribeAsync(detail, cancel);
        if (spool.Incoming.Find(id.ToString()) is { } entry)
            return Unregistered(id, entry.Changed);
        // It may have been taken between the two looks.
        return await registry.FindJobAsync(id, cancel) is { } taken ? await DescribeAsync(taken, cancel) : null;
    }

    /// <summary>A registered job.</summary>
    public async Task<JobJson> DescribeAsync(JobDetail detail, CancellationToken cancel)
    {
        var waits = detail.Tasks.Any(task => task.State == BuildTaskState.NeedsBuild);
        IReadOnlyList<Waiting> waiting = waits ? await registry.ExplainAsync(detail.Job.Id, cancel) : [];
        return JobJson.Of(detail, waiting, task => results(detail.Job.Id, task.Platform)) with
        {
            Order = OrderOf(detail.Job.Id),
        };
    }

    private static JobJson Unregistered(JobId id, DateTimeOffset submitted) =>
        new(
            id.ToString(),
            Words.Of(JobState.Incoming),
            "",
            "",
            false,
            submitted,
            default,
            null,
            [],
            null,
            Priority.Normal.Name(),
            null,
            null
        );

    /// <summary>The manifest alone says it; null where it cannot be read, as that of a job that was rejected.</summary>
    private string? OrderOf(JobId id)
    {
        try
        {
            return spool.Accepted.Read(id).Job?.Order.Name();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
