using System.Collections.Concurrent;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Handlers;

namespace PkgForge.Server.Builders;

/// <summary>
/// The builders of this process that wait for tasks, 1 or 100, and what is done for all of them at once: a sign of life every two
/// minutes, in one statement; and looking after leases of others that run out: when they do while somebody waits, and at most once in the time of
/// a lease while all are busy. Nothing else is asked of the registry while the farm is idle.
/// </summary>
internal sealed class WaitingBuilders(Farm farm) : IAsyncDisposable
{
    /// <summary>A name is held for five minutes without a sign of life.</summary>
    private static readonly TimeSpan BeatEvery = TimeSpan.FromMinutes(2);

    /// <summary>A lease that expires now has expired for sure a little later, also by a clock that is read in milliseconds.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<BuilderSession, WaitingPlace> places = new();
    private readonly Alarm alarm = new(farm.Time);
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private Task? looking;
    private long lastRing = farm.Time.GetTimestamp();
    private long lastLook = farm.Time.GetTimestamp();
    private long claims;
    private long claimsSeen;

    /// <summary>Called at each look, at least every two minutes while somebody waits.</summary>
    public Action Looked { get; init; } = () => { };

    /// <summary>Writes the mail about a task that is given up because it was lost once too often.</summary>
    public LossReport? Report { get; init; }

    /// <summary>Opens the place where a builder will wait: before it claims, so that nothing that comes after the claim is missed.</summary>
    public async ValueTask OpenAsync(BuilderSession session, CancellationToken cancel)
    {
        if (places.ContainsKey(session))
            return;
        var wakeUp = await farm.Registry.ListenAsync(Topic.Tasks(session.Platform), cancel);
        var place = new WaitingPlace(wakeUp, farm.Time);
        if (!places.TryAdd(session, place))
            await place.DisposeAsync();
    }

    /// <summary>Waits, and is kept alive meanwhile. Who has no place is to claim, which opens one.</summary>
    public async Task<bool> WaitAsync(BuilderSession session, TimeSpan atMost, CancellationToken cancel)
    {
        if (!places.TryGetValue(session, out var place))
            return true;
        Start();
        return await place.WaitAsync(atMost, cancel);
    }

    /// <summary>
    /// A builder has found nothing to claim: is its name still its own, and has somebody's lease run out? A lease that was taken meanwhile, perhaps
    /// by who was woken with it and was faster, is looked after when it must have been renewed.
    /// </summary>
    /// <returns>True when tasks were put back: claim again.</returns>
    /// <exception cref="BuilderRefusedException">Another process has the name.</exception>
    public async Task<bool> ClaimedNothingAsync(BuilderSession session, CancellationToken cancel)
    {
        var beat = await farm.Registry.BeatAsync([session], cancel);
        if (!beat.Held.Contains(session))
        {
            await CloseAsync(session);
            throw new BuilderRefusedException(TakenOver(session));
        }
        Start();
        alarm.SetBy(Earlier(farm.Configuration.Lease, beat.NextExpiry) + Margin);
        return await ReleaseAsync(beat, cancel);
    }

    /// <summary>
    /// A builder has claimed a task: also while none waits, leases of others run out, and their tasks are to be among those that are claimed next.
    /// </summary>
    public void Claimed()
    {
        Interlocked.Increment(ref claims);
        Watch(farm.Configuration.Lease - farm.Time.GetElapsedTime(Interlocked.Read(ref lastLook)));
    }

    /// <summary>Sessions of the name that are older than this one, and wait here, are told now that they have lost it.</summary>
    public void TakeOver(BuilderSession session)
    {
        foreach (var (other, place) in places)
        {
            if (other.Builder == session.Builder && other.Number < session.Number)
                place.Refuse(TakenOver(other));
        }
    }

    /// <summary>The builder waits here no more.</summary>
    public async ValueTask CloseAsync(BuilderSession session)
    {
        if (places.TryRemove(session, out var place))
            await place.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (looking is not null)
            await looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var session in places.Keys)
            await CloseAsync(session);
        alarm.Dispose();
        stop.Dispose();
    }

    private void Start() => Watch(BeatEvery);

    private void Watch(TimeSpan after)
    {
        lock (gate)
            looking ??= LookAlwaysAsync();
        alarm.SetBy(after);
    }

    private async Task LookAlwaysAsync()
    {
        var pause = FirstPause;
        while (true)
        {
            try
            {
                await alarm.WaitAsync(stop.Token);
                await LookAsync(stop.Token);
                pause = FirstPause;
            }
            catch (Exception e)
                when (e is FarmUnavailableException or RegistrySchemaException or UnauthorizedAccessException)
            {
                // Also what an administrator must mend: until then builders wait, and it is said again and again.
                farm.Log.TroubleGoingOn("the watch over waiting builders", e.Message, pause.TotalSeconds);
                alarm.SetBy(pause);
                pause = Earlier(LongestPause, pause * 2);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        Looked();
        Interlocked.Exchange(ref lastLook, farm.Time.GetTimestamp());
        var made = Interlocked.Read(ref claims);
        var waiting = await PresentAsync();
        if (waiting.Count > 0)
            await LookForAsync(waiting, cancel);
        // Nobody waits: the next claim sets the alarm again, so that an idle farm is not looked after.
        else if (made != claimsSeen)
            await farm.Registry.ReleaseExpiredAsync(Report, cancel);
        claimsSeen = made;
    }

    private async Task LookForAsync(List<BuilderSession> waiting, CancellationToken cancel)
    {
        var beat = await farm.Registry.BeatAsync(waiting, cancel);
        foreach (var session in waiting.Where(session => !beat.Held.Contains(session)))
            Refuse(session);
        RingFor(beat.Waiting);
        await ReleaseAsync(beat, cancel);
        alarm.SetBy(beat.NextExpiry is { } expiry ? Earlier(BeatEvery, AtLeast(expiry) + Margin) : BeatEvery);
    }

    /// <summary>Puts back what has expired. Those who wait for it are woken by the registry.</summary>
    private async Task<bool> ReleaseAsync(Beat beat, CancellationToken cancel) =>
        beat.NextExpiry <= TimeSpan.Zero && await farm.Registry.ReleaseExpiredAsync(Report, cancel) > 0;

    /// <summary>Those who wait, or did so since the last sign of life. Places where nobody has been for longer are closed.</summary>
    private async Task<List<BuilderSession>> PresentAsync()
    {
        foreach (var (session, place) in places)
        {
            if (place.Idle > BeatEvery)
                await CloseAsync(session);
        }
        return [.. places.Keys];
    }

    private void Refuse(BuilderSession session)
    {
        if (places.TryGetValue(session, out var place))
            place.Refuse(TakenOver(session));
    }

    /// <summary>The safety net under the wake-ups. Not at every look: a task may wait for another builder, or for a cap.</summary>
    private void RingFor(IReadOnlySet<PlatformKey> platforms)
    {
        if (farm.Time.GetElapsedTime(lastRing) < BeatEvery)
            return;
        lastRing = farm.Time.GetTimestamp();
        foreach (var (session, place) in places)
        {
            if (platforms.Contains(session.Platform))
                place.Ring();
        }
    }

    /// <summary>What has expired and was not put back, e.g. because its row was locked, is looked at again in a second.</summary>
    private static TimeSpan AtLeast(TimeSpan expiry) => expiry > TimeSpan.Zero ? expiry : FirstPause;

    private static TimeSpan Earlier(TimeSpan one, TimeSpan? other) => other < one ? AtLeast(other.Value) : one;

    private static string TakenOver(BuilderSession session) =>
        $"the name '{session.Builder}' was taken over by another process";
}
