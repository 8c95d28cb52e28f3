using System.Text.Json;
using PkgForge.Registry.Views;
using PkgForge.Web.Live;

namespace PkgForge.Cli.Live;

/// <summary>What is known of a farm that is watched: the jobs that wait or are being built.</summary>
internal sealed class WatchedFarm
{
    private readonly Dictionary<string, JobJson> jobs = new(StringComparer.Ordinal);

    /// <summary>Newest first.</summary>
    public IReadOnlyList<JobJson> Jobs => [.. jobs.Values.OrderByDescending(job => job.Registered)];

    /// <summary>Takes in what is told. Returns the jobs that are another than before.</summary>
    public IReadOnlyList<JobJson> Apply(FarmEvent news)
    {
        switch (news.Name)
        {
            case FarmEvent.Farm:
                var all = JsonSerializer.Deserialize(news.Data, EventJson.Default.FarmJson)!.Jobs;
                List<JobJson> changed = [.. all.Where(job => Text(jobs.GetValueOrDefault(job.Id)) != Text(job))];
                jobs.Clear();
                foreach (var job in all)
                    jobs[job.Id] = job;
                return changed;
            case FarmEvent.Job:
                var now = JsonSerializer.Deserialize(news.Data, EventJson.Default.JobJson)!;
                if (JobLists.IsLive(now))
                    jobs[now.Id] = now;
                else
                    jobs.Remove(now.Id);
                return [now];
            default:
                return [];
        }
    }

    /// <summary>A job in a line.</summary>
    public static string Line(JobJson job)
    {
        var building = job.Building is { Length: > 0 } tasks
            ? $": {string.Join(", ", tasks.Select(task => $"{task.Platform} by {task.Builder}"))}"
            : "";
        var waits = job.WaitsFor is { Length: > 0 } what ? $"; waits for {what}" : "";
        return $"{job.Id}: {job.State}{building}{waits}";
    }

    private static string Text(JobJson? job) => JsonSerializer.Serialize(job!, EventJson.Default.JobJson);
}
