using System.Text.Json;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Spool;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Live;

/// <summary>How a job is at a moment.</summary>
/// <param name="Job">Its state; null when there is no such job (any more).</param>
/// <param name="Progress">How far its attempts are that run.</param>
/// <param name="IsLast">It will not change any more, unless somebody asks for it.</param>
internal sealed record JobMoment(FarmEvent? Job, IReadOnlyList<FarmEvent> Progress, bool IsLast);

/// <summary>
/// Looks at one job: when the registry says that some task has come or ended, and when an attempt's directory or log has changed, which tells that one has begun. Nothing is polled.
/// </summary>
internal sealed class JobFeed(JobId id, JobReader jobs, LiveFarm farm) : Feed<JobMoment>
{
    /// <summary>The most often that it looks, whatever happens.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// It rests so many times as long as it has looked: why a job waits is asked anew whenever any task ends, and many jobs that wait may be watched.
    /// </summary>
    private const int Rest = 5;

    /// <summary>It looks without any news, too: that one has begun may have been missed.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    private readonly AttemptProgress progress = new(farm.Spool, farm.Indexes);

    private string Results => farm.Spool.Results.PathOf(id);

    protected override async Task LookAsync(CancellationToken cancel)
    {
        await using var wakeUp = await farm.Registry.ListenAsync(Topic.Jobs, cancel);
        for (var ended = false; !ended; )
        {
            // A job's directory is there once its first attempt has begun; until then its coming is what to watch for.
            var isThere = Directory.Exists(Results);
            var whole = farm.Watch.Open(Results, deep: true);
            using var notice = whole ?? farm.Watch.Open(farm.Spool.Results.Path, deep: false);
            // Where it is there and cannot be watched, there is nothing to wait for: the registry tells, and the look without news.
            ended = await LookAsync(new(wakeUp, notice), isWhole: isThere || whole is not null, cancel);
        }
    }

    /// <summary>Looks until the job has ended, which returns true, or its directory has come.</summary>
    private async Task<bool> LookAsync(News news, bool isWhole, CancellationToken cancel)
    {
        JobJson? job = null;
        FarmEvent? told = null;
        string? attempts = null;
        for (var what = Told.Registry; ; what = await news.WaitAsync(Silence, cancel))
        {
            var began = farm.Time.GetTimestamp();
            if (!isWhole && Directory.Exists(Results))
                return false;
            var there = Attempts();
            if (what != Told.Files || there != attempts)
            {
                job = await jobs.FindAsync(id, cancel);
                told = Describe(job);
            }
            attempts = there;
            var isLast = job is null || !JobLists.IsLive(job);
            Tell(new(told, isLast ? [] : progress.Of(id, job), isLast));
            if (isLast)
                return true;
            await Task.Delay(RestAfter(farm.Time.GetElapsedTime(began)), farm.Time, cancel);
        }
    }

    private static TimeSpan RestAfter(TimeSpan looked) =>
        TimeSpan.FromTicks(Math.Clamp(looked.Ticks * Rest, Pause.Ticks, Silence.Ticks));

    private static FarmEvent? Describe(JobJson? job) =>
        job is null
            ? null
            : new(FarmEvent.Job, JobRevision.Of(job), JsonSerializer.Serialize(job, EventJson.Default.JobJson));

    /// <summary>The attempts that have a directory.</summary>
    private string Attempts() =>
        Directory.Exists(Results)
            ? string.Join(
                ' ',
                Directory
                    .EnumerateDirectories(Results)
                    .SelectMany(platform => Directory.EnumerateDirectories(platform))
                    .Order(StringComparer.Ordinal)
            )
            : "";
}
