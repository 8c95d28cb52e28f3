using System.Runtime.CompilerServices;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Spool;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Live;

/// <summary>Tells of jobs, and of the farm, as they change. However many want to be told of one thing, it is looked at once.</summary>
public sealed class Feeds : IAsyncDisposable
{
    private readonly LiveFarm farm;
    private readonly JobReader jobs;
    private readonly bool ownsWatch;
    private readonly Lock gate = new();
    private readonly Dictionary<JobId, JobFeed> known = [];
    private FarmFeed? all;

    /// <summary>Feeds of their own.</summary>
    /// <param name="registry">Knows the jobs.</param>
    /// <param name="spool">Has their files.</param>
    /// <param name="results">The directory or address of a task's results.</param>
    /// <param name="time">The clock.</param>
    public Feeds(
        IRegistry registry,
        SpoolDirectories spool,
        Func<JobId, PlatformKey, string> results,
        TimeProvider time
    )
        : this(new(registry, spool, time, new(), new()), results) => ownsWatch = true;

    internal Feeds(LiveFarm farm, Func<JobId, PlatformKey, string> results) =>
        (this.farm, jobs) = (farm, new(farm.Registry, farm.Spool, results));

    /// <summary>
    /// What becomes of a job: its state now and whenever it changes, how far its attempts are, and an end. Nothing when there is no such job. States may be left out between others,
    /// but not the last.
    /// </summary>
    /// <param name="job">Which.</param>
    /// <param name="after">The id of the last state that was told before: it is not told again.</param>
    /// <param name="silence">A sign of life comes after so long without any news.</param>
    /// <param name="cancel">Enough.</param>
    public async IAsyncEnumerable<FarmEvent> FollowAsync(
        JobId job,
        string? after,
        TimeSpan silence,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var feed = Open(job);
        try
        {
            JobMoment? moment = null;
            var (last, spoke) = (after, farm.Time.GetTimestamp());
            while (true)
            {
                var earlier = moment?.Progress ?? [];
                var next = await feed.NextAsync(moment, silence, farm.Time, cancel);
                // Much may happen elsewhere, and nothing to this job.
                if (farm.Time.GetElapsedTime(spoke) >= silence)
                {
                    spoke = farm.Time.GetTimestamp();
                    yield return FarmEvent.Silence;
                }
                if (next is not { } now)
                    continue;
                if (now.Job is null && moment is null)
                    yield break;
                moment = now;
                if (now.Job is { } state && state.Id != last)
                {
                    last = state.Id;
                    yield return state;
                }
                foreach (var progress in now.Progress.Except(earlier))
                    yield return progress;
                if (now.IsLast)
                    break;
            }
            yield return FarmEvent.Ended;
        }
        finally
        {
            await CloseAsync(job, feed);
        }
    }

    /// <summary>What becomes of all jobs: those that wait or are being built now, and then each that changes.</summary>
    /// <param name="submitter">Only those of one person; null for all.</param>
    /// <param name="after">The id of the last event before. When it is not known any more, all is told anew.</param>
    /// <param name="silence">A sign of life comes after so long without any news.</param>
    /// <param name="cancel">Enough.</param>
    public async IAsyncEnumerable<FarmEvent> FollowAllAsync(
        string? submitter,
        string? after,
        TimeSpan silence,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var feed = OpenAll();
        try
        {
            FarmMoment? moment = null;
            long? place = null;
            for (var spoke = farm.Time.GetTimestamp(); ; )
            {
                var next = await feed.NextAsync(moment, silence, farm.Time, cancel);
                if (farm.Time.GetElapsedTime(spoke) >= silence)
                {
                    spoke = farm.Time.GetTimestamp();
                    yield return FarmEvent.Silence;
                }
                if (next is null && feed.HasEnded)
                    // It ended in the moment in which this one came: who comes again is told all by another.
                    yield break;
                if (next is not { } now)
                    continue;
                place ??= moment is null ? feed.PlaceOf(after) : null;
                moment = now;
                if (place is { } from && now.Since(from) is { } missed)
                    foreach (var change in missed.Where(change => change.IsOf(submitter)))
                        yield return change.Event;
                else
                    yield return feed.Whole(now, submitter);
                place = now.Last;
            }
        }
        finally
        {
            await CloseAllAsync(feed);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        List<IAsyncDisposable> open;
        lock (gate)
            open = [.. known.Values, .. all is null ? Array.Empty<IAsyncDisposable>() : [all]];
        foreach (var feed in open)
            await feed.DisposeAsync();
        if (ownsWatch)
            farm.Watch.Dispose();
    }

    private JobFeed Open(JobId job)
    {
        lock (gate)
        {
            // One that has seen the end of the job knows nothing of a retry.
            if (!known.TryGetValue(job, out var feed) || feed.HasEnded)
            {
                known[job] = feed = new(job, jobs, farm);
                feed.Start();
            }
            feed.Users++;
            return feed;
        }
    }

    private async ValueTask CloseAsync(JobId job, JobFeed feed)
    {
        lock (gate)
        {
            if (--feed.Users > 0)
                return;
            if (known.TryGetValue(job, out var there) && ReferenceEquals(there, feed))
                known.Remove(job);
        }
        await feed.DisposeAsync();
    }

    private FarmFeed OpenAll()
    {
        lock (gate)
        {
            if (all is null or { HasEnded: true })
            {
                all = new(farm);
                all.Start();
            }
            all.Users++;
            return all;
        }
    }

    /// <summary>It goes on for a while without anybody: who was cut off comes again, and wants to know what was missed.</summary>
    private async ValueTask CloseAllAsync(FarmFeed feed)
    {
        lock (gate)
        {
            feed.Users--;
            if (!feed.HasEnded)
                return;
            if (ReferenceEquals(all, feed))
                all = null;
        }
        await feed.DisposeAsync();
    }
}
