using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Handlers;
using PkgForge.Server.Reporting;
using PkgForge.Spool;

namespace PkgForge.Server.Builders;

/// <summary>
/// The farm as builders see it that share a machine with it, or speak to it through a server on its machine: on the registry, the spool and the
/// buckets. One serves any number of builders of a process. It sends the farm's mail, too.
/// </summary>
public sealed class LocalFarm : IBuilderFarm
{
    private readonly Farm farm;
    private readonly PlatformBuckets buckets;
    private readonly OrderReader orders;
    private readonly Heartbeats heartbeats;
    private readonly TaskEnding ending;
    private readonly WaitingBuilders waiting;
    private readonly RequestPlaces requests;
    private readonly OutboxDelivery mail;
    private readonly LogStorage logs;

    /// <param name="farm">What it works with; it stays the caller's.</param>
    public LocalFarm(Farm farm)
    {
        this.farm = farm;
        mail = new(farm);
        logs = new(farm);
        buckets = new(farm);
        orders = new(farm, buckets);
        heartbeats = new(farm);
        ending = new(farm, orders, new(farm, buckets), heartbeats);
        waiting = new(farm) { Looked = LookNowAndThen, Report = ReportGivenUp };
        requests = new(farm);
    }

    /// <inheritdoc/>
    public async Task<BuilderPost> AttachAsync(string builder, string host, CancellationToken cancel)
    {
        await farm.Registry.CheckSchemaAsync(cancel);
        FaultPoint.Reach(FaultPoints.AttachBefore);
        var attached = await farm.Registry.AttachBuilderAsync(builder, host, ReportGivenUp, cancel);
        var session = attached.Session ?? throw new BuilderRefusedException(attached.Refusal!);
        FaultPoint.Reach(FaultPoints.AttachAfter);
        waiting.TakeOver(session);
        mail.Start();
        logs.Look();
        await buckets.EnsureAsync(session.Platform, cancel);
        return new(session, farm.Configuration.Heartbeat, Settings: null);
    }

    /// <inheritdoc/>
    public async Task DetachAsync(BuilderSession session, CancellationToken cancel)
    {
        await waiting.CloseAsync(session);
        FaultPoint.Reach(FaultPoints.DetachBefore);
        await farm.Registry.DetachBuilderAsync(session, cancel);
        FaultPoint.Reach(FaultPoints.DetachAfter);
    }

    /// <inheritdoc/>
    public async Task<ClaimedTask?> ClaimAsync(BuilderSession session, CancellationToken cancel)
    {
        await waiting.OpenAsync(session, cancel);
        FaultPoint.Reach(FaultPoints.ClaimBefore);
        var claimed = await ClaimUnusedAsync(session, cancel);
        if (claimed is null && await waiting.ClaimedNothingAsync(session, cancel))
            claimed = await ClaimUnusedAsync(session, cancel);
        if (claimed is null)
            return null;
        FaultPoint.Reach(FaultPoints.ClaimAfter);
        waiting.Claimed();
        return claimed;
    }

    /// <summary>
    /// Claims, and puts back as interrupted what somebody has begun before under the same number: the registry has forgotten a claim (see <see cref="Lease"/>), or comes out of a
    /// backup. What was forgotten may still be built, and writes into the attempt's directory; the next number has a directory of its own.
    /// </summary>
    private async Task<ClaimedTask?> ClaimUnusedAsync(BuilderSession session, CancellationToken cancel)
    {
        while (await farm.Registry.ClaimNextTaskAsync(session, cancel) is { } claimed)
        {
            var attempt = farm.Spool.Results.PathOf(claimed.Job, claimed.Platform, claimed.Attempt);
            if (!Directory.Exists(attempt) || logs.HasBegun(claimed))
                return claimed;
            await farm.Registry.RequeueAsync(
                claimed.Lease,
                AttemptOutcome.Interrupted,
                "this attempt was begun before, and the registry has forgotten it",
                ifGivenUp: null,
                cancel
            );
        }
        return null;
    }

    /// <inheritdoc/>
    public Task<bool> WaitAsync(BuilderSession session, TimeSpan atMost, CancellationToken cancel) =>
        waiting.WaitAsync(session, atMost, cancel);

    /// <inheritdoc/>
    public Task<LeaseAnswer> HeartbeatAsync(ClaimedTask task, CancellationToken cancel) =>
        heartbeats.BeatAsync(task, cancel);

    /// <inheritdoc/>
    public Task WaitForRequestAsync(ClaimedTask task, TimeSpan atMost, CancellationToken cancel) =>
        requests.WaitAsync(task, atMost, cancel);

    /// <inheritdoc/>
    public Task<TaskOrder> FetchAsync(ClaimedTask task, string directory, CancellationToken cancel) =>
        orders.ReadAsync(task, cancel).AsTask();

    /// <inheritdoc/>
    public Task<IAttemptStore> OpenStoreAsync(ClaimedTask task, string directory, CancellationToken cancel)
    {
        var attempt = farm.Spool.Results.Open(task.Job, task.Platform, task.Attempt);
        // Whoever makes the directory has the number. After a claim that the registry has forgotten this is where the two meet, if that one comes later than the
        // look at it when the other was claimed.
        if (!attempt.IsNew && !logs.HasBegun(task))
            throw new FarmFaultException($"{attempt.Path} is there: another builder has begun this attempt");
        logs.Begun(task);
        return Task.FromResult<IAttemptStore>(new LocalAttemptStore(attempt));
    }

    /// <inheritdoc/>
    public async Task<EndOutcome> FinishAsync(ClaimedTask task, TaskEnd end, CancellationToken cancel)
    {
        var outcome = await ending.EndAsync(task, end, cancel);
        await ForgetAsync(task, outcome.State is not null);
        return outcome;
    }

    /// <inheritdoc/>
    public async Task<RequeueOutcome> PutBackAsync(
        ClaimedTask task,
        AttemptOutcome outcome,
        string reason,
        CancellationToken cancel
    )
    {
        var report = ReportGivenUp(task, reason);
        FaultPoint.Reach(FaultPoints.PutBackBefore);
        var became = await farm.Registry.RequeueAsync(task.Lease, outcome, reason, report, cancel);
        FaultPoint.Reach(FaultPoints.PutBackAfter);
        await ForgetAsync(task, became != RequeueOutcome.Refused);
        return became;
    }

    /// <inheritdoc/>
    public async Task<bool> RefuseAsync(ClaimedTask task, string reason, CancellationToken cancel)
    {
        var refused = await farm.Registry.RefuseTaskAsync(task.Lease, reason, cancel);
        await ForgetAsync(task, refused);
        return refused;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await waiting.DisposeAsync();
        await requests.DisposeAsync();
        mail.Start();
        await mail.DisposeAsync();
        await logs.DisposeAsync();
    }

    private void LookNowAndThen()
    {
        mail.Start();
        logs.LookNowAndThen();
    }

    /// <summary>The mail about a task that the farm gives up; null when nobody asked for one.</summary>
    private OutgoingMail? ReportGivenUp(ClaimedTask task, string why)
    {
        var sentence = $"the farm failed, and gives this task up after several tries: {why}";
        return ending.Report(task, new(BuildTaskState.Fail, null, null, sentence, [], []), []);
    }

    /// <summary>The task is no longer its builder's.</summary>
    /// <param name="task">The task.</param>
    /// <param name="ended">Its builder has ended it, and did not lose it.</param>
    private ValueTask ForgetAsync(ClaimedTask task, bool ended)
    {
        if (ended)
            logs.Ended(task);
        orders.Forget(task);
        mail.Start();
        return requests.CloseAsync(task.Lease);
    }
}
