using System.Text.Json;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;

namespace PkgForge.Web.Live;

/// <summary>A job of the farm, and how it is told.</summary>
internal sealed record LiveJob(JobId Id, JobJson Job, string Text);

/// <summary>The jobs that wait or are being built, and which of all jobs have changed since the last look.</summary>
internal sealed class LiveJobs(IRegistry registry, TimeProvider time)
{
    private const int Page = 1000;

    /// <summary>A farm with more live jobs than this shows the newest.</summary>
    private const int MostPages = 10;

    /// <summary>So many new jobs are read at once.</summary>
    private const int NewPage = 50;

    /// <summary>Why a task waits is worked out among all that wait: only for so many jobs, and not so often.</summary>
    private const int Explained = 20;

    private static readonly TimeSpan ExplainedFor = TimeSpan.FromSeconds(5);

    private readonly Dictionary<JobId, IReadOnlyList<Waiting>> waiting = [];
    private Dictionary<JobId, LiveJob>? live;
    private JobId? newest;
    private long explained;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<LiveJob> Live { get; private set; } = [];

    /// <summary>Looks. Returns those that have changed: come, begun, ended. The first look finds none.</summary>
    public async Task<IReadOnlyList<LiveJob>> ReadAsync(CancellationToken cancel)
    {
        var building = (await registry.ListBuildersAsync(cancel))
            .Where(builder => builder.Current is not null)
            .ToLookup(builder => builder.Current!.Job);
        var (come, last) = await NewAsync(cancel);
        // In this order: a job that is claimed in between is in both.
        var now = new Dictionary<JobId, JobSummary>();
        foreach (var state in new[] { JobState.Registered, JobState.Building })
        foreach (var job in await AllAsync(state, cancel))
            now[job.Id] = job;
        await ExplainAsync(now.Values, cancel);
        var living = now.Values.ToDictionary(job => job.Id, job => Describe(job, building[job.Id]));
        var changed = new List<LiveJob>();
        if (live is { } before)
        {
            changed.AddRange(
                living.Values.Where(job => !before.TryGetValue(job.Id, out var old) || old.Text != job.Text)
            );
            foreach (var id in before.Keys.Concat(come).Distinct().Where(id => !living.ContainsKey(id)))
                if (await registry.FindJobAsync(id, cancel) is { } detail)
                    changed.Add(Describe(detail.Job, building[id]));
        }
        // Only now: a look that fails half way is taken again as if it had not been, and what it would have told is told then.
        (live, newest) = (living, last);
        Live = [.. living.Values.OrderByDescending(job => job.Job.Registered)];
        return changed;
    }

    /// <summary>Jobs that have come since the last look, of which one may have ended already; and the newest of all.</summary>
    private async Task<(IReadOnlyList<JobId> Come, JobId? Newest)> NewAsync(CancellationToken cancel)
    {
        var come = new List<JobId>();
        var (first, query) = (newest, new JobQuery(Limit: NewPage));
        for (var page = 0; page < MostPages; page++)
        {
            var jobs = await registry.ListJobsAsync(query, cancel);
            if (page == 0 && jobs.Count > 0)
                first = jobs[0].Id;
            come.AddRange(jobs.Select(job => job.Id).TakeWhile(id => id != newest));
            if (jobs.Count < NewPage || live is null || jobs.Any(job => job.Id == newest))
                break;
            query = query with { After = jobs[^1].Id };
        }
        return (live is null ? [] : come, first);
    }

    private async Task<IReadOnlyList<JobSummary>> AllAsync(JobState state, CancellationToken cancel)
    {
        var all = new List<JobSummary>();
        var query = new JobQuery(State: state, Limit: Page);
        for (var page = 0; page < MostPages; page++)
        {
            var jobs = await registry.ListJobsAsync(query, cancel);
            all.AddRange(jobs);
            if (jobs.Count < Page)
                break;
            query = query with { After = jobs[^1].Id };
        }
        return all;
    }

    private async Task ExplainAsync(IEnumerable<JobSummary> jobs, CancellationToken cancel)
    {
        if (explained != 0 && time.GetElapsedTime(explained) < ExplainedFor)
            return;
        explained = time.GetTimestamp();
        waiting.Clear();
        foreach (var job in jobs.Take(Explained))
            waiting[job.Id] = await registry.ExplainAsync(job.Id, cancel);
    }

    private LiveJob Describe(JobSummary job, IEnumerable<Builder> builders)
    {
        var why = JobLists.IsLive(job.State) ? waiting.GetValueOrDefault(job.Id) : null;
        var described = JobJson.Of(job, why ?? []) with
        {
            WaitsFor = why is null ? null : WaitingText.Short(job.State, why),
            Building =
            [
                .. builders
                    .Select(builder => new RunningJson(
                        builder.Platform.ToString(),
                        builder.Current!.Attempt,
                        builder.Name,
                        builder.Current.Since
                    ))
                    .OrderBy(task => task.Platform, StringComparer.Ordinal),
            ],
        };
        return new(job.Id, described, JsonSerializer.Serialize(described, EventJson.Default.JobJson));
    }
}
