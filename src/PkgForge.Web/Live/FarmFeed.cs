using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using PkgForge.Registry;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Live;

/// <summary>
/// Looks at all that waits or is being built, when the registry says that some task has come or ended. Claims are not told by it: what has begun is seen by its directory, or a
/// moment after what made room for it.
/// </summary>
internal sealed class FarmFeed(LiveFarm farm) : Feed<FarmMoment>
{
    /// <summary>So many changes are kept for those who were cut off.</summary>
    private const int MostChanges = 2000;

    /// <summary>The most often that it looks, whatever happens.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    /// <summary>Nobody wants to be told for so long: it ends.</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromMinutes(1);

    private readonly string epoch = RandomNumberGenerator.GetHexString(8, lowercase: true);
    private readonly LiveJobs jobs = new(farm.Registry, farm.Time);
    private readonly Queue<FarmChange> changes = [];
    private long last;

    /// <summary>The number in an event's id; null when it is not of this feed.</summary>
    public long? PlaceOf(string? id) =>
        id?.Split('-') is [var of, var number]
        && of == epoch
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? place
            : null;

    /// <summary>All that waits or is being built.</summary>
    public FarmEvent Whole(FarmMoment moment, string? submitter) =>
        new(
            FarmEvent.Farm,
            Id(moment.Last),
            JsonSerializer.Serialize(
                new([
                    .. moment
                        .Live.Where(live => submitter is null || live.Job.Submitter == submitter)
                        .Select(live => live.Job),
                ]),
                EventJson.Default.FarmJson
            )
        );

    protected override async Task LookAsync(CancellationToken cancel)
    {
        await using var wakeUp = await farm.Registry.ListenAsync(Topic.Jobs, cancel);
        using var notice = farm.Watch.Open(farm.Spool.Results.Path, deep: false);
        var news = new News(wakeUp, notice);
        var used = farm.Time.GetTimestamp();
        for (var told = Told.Registry; Users > 0 || farm.Time.GetElapsedTime(used) < Unused; )
        {
            foreach (var job in await jobs.ReadAsync(cancel))
                Keep(job);
            Tell(new(jobs.Live, [.. changes], last));
            if (Users > 0)
                used = farm.Time.GetTimestamp();
            await Task.Delay(Pause, farm.Time, cancel);
            // What has ended, or come, makes a builder claim a moment later.
            told = await news.WaitAsync(told == Told.Registry ? Pause : Silence, cancel);
        }
    }

    private void Keep(LiveJob job)
    {
        changes.Enqueue(new(++last, job.Job.Submitter, new(FarmEvent.Job, Id(last), job.Text)));
        if (changes.Count > MostChanges)
            changes.Dequeue();
    }

    private string Id(long number) => string.Create(CultureInfo.InvariantCulture, $"{epoch}-{number}");
}
