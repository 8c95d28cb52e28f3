using Microsoft.Extensions.Logging;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Server.Reporting;
using PkgForge.Sources;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>
/// Takes jobs from <c>incoming</c>: discover, load, validate, transfer, register, clean up (DESIGN 3.2). One rejected job
/// never holds up the next, and trouble with one leaves it where it is for the next pass.
/// <para>
/// Guaranteed if the process dies: before (1) nothing has happened; after (1) or (2) there is a copy that is no
/// registered job, and the next pass removes it and begins again; after (3) the job is registered, and the next pass, which
/// finds the same manifest registered, only removes the directory in <c>incoming</c>; after (4) all is done.
/// </para>
/// </summary>
/// <param name="farm">What it works with.</param>
public sealed class Incoming(Farm farm) : IHandler
{
    private static readonly TimeSpan SlowScan = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly OutboxDelivery mail = new(farm);
    private DirectoryWatch? watch;
    private bool waitsForFiles;

    /// <inheritdoc/>
    public string Name => "incoming";

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancel)
    {
        await farm.Registry.CheckSchemaAsync(cancel);
        watch = new(farm.Spool.Incoming.Path);
    }

    /// <inheritdoc/>
    public async Task<bool> RunPassAsync(CancellationToken cancel)
    {
        using var turn = FileLock.TryTake($"{farm.Spool.Accepted.Path}/.incoming.lock");
        if (turn is null)
        {
            farm.Log.IncomingBusy(farm.Spool.Incoming.Path);
            return false;
        }
        waitsForFiles = false;
        var listing = farm.Spool.Incoming.Discover();
        FaultPoint.Reach(FaultPoints.IntakeBegan);
        foreach (var stale in listing.Stale)
            await WithoutStoppingAsync(stale, () => Remove(stale, cancel));
        foreach (var entry in listing.Jobs)
            await WithoutStoppingAsync(entry, () => TakeAsync(entry, cancel));
        mail.Start();
        return listing.Truncated;
    }

    /// <inheritdoc/>
    public Task WaitAsync(CancellationToken cancel) => watch!.WaitAsync(waitsForFiles ? LookAgain : SlowScan, cancel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        watch?.Dispose();
        return mail.DisposeAsync();
    }

    private static Task Remove(IncomingJob stale, CancellationToken cancel)
    {
        stale.Remove(cancel);
        return Task.CompletedTask;
    }

    private async Task WithoutStoppingAsync(IncomingJob entry, Func<Task> deal)
    {
        try
        {
            await deal();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UnknownPlatformException)
        {
            // The farm's fault, e.g. a full disk, or a platform deactivated this moment: the job keeps its place for
            // the next pass, and the next ones get their turn.
            farm.Log.LeftInIncoming(entry.Name, e.Message);
        }
    }

    private async Task TakeAsync(IncomingJob entry, CancellationToken cancel)
    {
        var load = entry.Load();
        FaultPoint.Reach(FaultPoints.IntakeLoaded);
        switch (load.Outcome)
        {
            case LoadOutcome.Loaded:
                await AcceptAsync(load, load.Loaded!, cancel);
                break;
            case LoadOutcome.Rejected:
                await RejectAsync(entry, load, load.Message!, cancel);
                break;
            case LoadOutcome.Incomplete when IsYoung(load):
                waitsForFiles = true;
                farm.Log.Incomplete(entry.Name, load.Message!);
                break;
            case LoadOutcome.Incomplete:
                var waited = $"{load.Message}; nothing has changed for {farm.Configuration.WaitForJob:c}";
                await RejectAsync(entry, load, waited, cancel);
                break;
        }
    }

    private bool IsYoung(LoadResult load) =>
        farm.Time.GetUtcNow() - (load.NewestChange ?? default) < farm.Configuration.WaitForJob;

    private async Task AcceptAsync(LoadResult load, LoadedJob loaded, CancellationToken cancel)
    {
        var id = loaded.Job.Id;
        var registered = await farm.Registry.FindManifestAsync(id, cancel);
        if (registered == loaded.ManifestSha256)
        {
            loaded.Source.Remove(cancel);
            return;
        }
        if (registered is not null)
        {
            await RejectAsync(
                loaded.Source,
                load,
                $"the id '{id}' is already used by another job; choose another, or none",
                cancel
            );
            return;
        }
        farm.Spool.Accepted.Remove(id);
        var copied = farm.Spool.Accepted.CopyPrivately(loaded, cancel); // (1)
        if (copied.Outcome == CopyOutcome.Rejected)
            await RejectAsync(loaded.Source, load, copied.Message!, cancel);
        if (copied.Copy is { } copy)
            await AcceptCopyAsync(load, loaded, copy, cancel);
    }

    private async Task AcceptCopyAsync(LoadResult load, LoadedJob loaded, PrivateCopy copy, CancellationToken cancel)
    {
        var admission = await new Admission(farm).JudgeAsync(loaded.Job, copy.Path, cancel);
        FaultPoint.Reach(FaultPoints.IntakeJudged);
        if (admission.Refusal is { } refusal)
        {
            copy.Discard();
            await RejectAsync(loaded.Source, load, refusal, cancel);
            return;
        }
        copy.Commit(); // (2)
        await farm.Registry.RegisterJobAsync(new(loaded.Job, loaded.ManifestSha256, admission.Platforms), cancel); // (3)
        FaultPoint.Reach(FaultPoints.IncomingRegistered);
        foreach (var warning in admission.Warnings)
            farm.Log.SelectionWarning(loaded.Job.Id.ToString(), warning);
        farm.Log.Accepted(loaded.Job.Id.ToString(), loaded.Job.Submitter, string.Join(", ", admission.Platforms));
        loaded.Source.Remove(cancel); // (4)
    }

    /// <summary>
    /// Registers the rejection, then removes the directory. If the process dies in between, the next pass comes to the same
    /// id and finds it registered. A directory whose name is no id, or another job's, gets an id made of its content.
    /// </summary>
    private async Task RejectAsync(IncomingJob entry, LoadResult load, string reason, CancellationToken cancel)
    {
        var content = load.ManifestSha256 ?? Digest.OfText($"{entry.Name} {entry.Changed.UtcTicks}");
        var submitter = load.Owner ?? $"uid {entry.Owner}";
        var free =
            JobId.TryParse(entry.Name, out var id)
            && await farm.Registry.FindManifestAsync(id, cancel) is var known
            && (known is null || known == content);
        if (!free)
            id = JobId.Parse($"rejected-{Digest.OfText($"{entry.Name} {content}")[..16]}");
        var addresses = load.Claimed?.Report ?? [];
        var rejected = new RejectedJob(id, submitter, entry.Changed, content, reason, null);
        var message = farm.Configuration.Mail is null ? null : RejectionReport.Render(rejected, entry.Name, addresses);
        await farm.Registry.RegisterRejectedAsync(rejected with { Mail = message }, cancel);
        FaultPoint.Reach(FaultPoints.IncomingRejected);
        farm.Log.Rejected(entry.Name, submitter, reason);
        entry.Remove(cancel);
    }
}
