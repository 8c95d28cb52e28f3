using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>
/// One pass over <c>incoming</c>. Jobs are registered in batches; one rejected job never holds up the next, and trouble with
/// one leaves it where it is for the next pass.
/// <para>
/// Guaranteed if the process dies: before (1) nothing has happened; after (1) or (2) there are copies, up to a batch of them,
/// that are no registered jobs, and the next pass removes each and begins it again; after (3), which is one transaction, all jobs of
/// the batch are registered, and the next pass, which finds the same manifests registered, only removes the directories in
/// <c>incoming</c>; after (4) all is done.
/// </para>
/// </summary>
internal sealed class IncomingPass(Farm farm)
{
    /// <summary>To copy more than this takes so long that what is ready is registered first: 32 MiB, less than a second.</summary>
    private const long LongCopy = 32 << 20;

    private readonly RegistrationBatch batch = new(farm.Time);
    private readonly Predecessors predecessors = new(farm);
    private readonly Admission admission = new(farm);
    private readonly Rejection rejection = new(farm);
    private readonly List<PostponedJob> postponed = [];
    private readonly HashSet<string> stays = new(StringComparer.Ordinal);
    private bool progress;

    /// <summary>A job is not complete yet: look again soon, nothing may announce the rest.</summary>
    public bool WaitsForFiles { get; private set; }

    /// <summary>Deals with everything that there is. Returns true when there is more to do at once.</summary>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        var listing = farm.Spool.Incoming.Discover();
        FaultPoint.Reach(FaultPoints.IntakeBegan);
        foreach (var stale in listing.Stale)
            await WithoutStoppingAsync(stale, () => Remove(stale, cancel));
        foreach (var entry in listing.Jobs)
            await WithoutStoppingAsync(entry, () => TakeAsync(entry, cancel));
        await RegisterAsync(cancel);
        if (listing.Truncated || (progress && postponed.Count > 0))
            return true;
        var impossible = PostponedJob.Impossible(postponed, listing.Jobs.Select(job => job.Name), stays);
        foreach (var job in postponed.Except(impossible))
            farm.Log.Incomplete(job.Entry.Name, $"it is to wait for job '{job.Missing}', which is still in incoming");
        foreach (var job in impossible)
            await WithoutStoppingAsync(job.Entry, () => RejectAsync(job.Entry, job.Load, job.Circle, cancel));
        WaitsForFiles |= postponed.Count > impossible.Count;
        return impossible.Count > 0;
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
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or UnknownPlatformException or UnknownJobException)
        {
            // The farm's fault, e.g. a full disk, or a platform deactivated this moment: the job keeps its place for
            // the next pass, and the next ones get their turn.
            stays.Add(entry.Name);
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
                WaitsForFiles = true;
                stays.Add(entry.Name);
                farm.Log.Incomplete(entry.Name, load.Message!);
                break;
            case LoadOutcome.Incomplete:
                var waited = $"{load.Message}; nothing has changed for {farm.Configuration.WaitForJob:c}";
                await RejectAsync(entry, load, waited, cancel);
                break;
            case LoadOutcome.Vanished:
                progress = true;
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
            Finish(loaded.Source, cancel);
        else if (registered is not null)
            await RejectAsync(loaded.Source, load, IdTaken(id), cancel);
        else if (await predecessors.FindFaultAsync(loaded.Job, batch.Contains, cancel) is not { } fault)
            await CopyAsync(load, loaded, cancel);
        else if (fault.Missing is { } missing && farm.Spool.Incoming.Find(missing.ToString()) is not null)
            postponed.Add(new(loaded.Source, load with { Loaded = null }, missing));
        else
            await RejectAsync(loaded.Source, load, fault.Message, cancel);
    }

    private async Task CopyAsync(LoadResult load, LoadedJob loaded, CancellationToken cancel)
    {
        if (loaded.Job.Files.Sum(file => file.Size) > LongCopy)
            await RegisterAsync(cancel);
        farm.Spool.Accepted.Remove(loaded.Job.Id);
        var copied = farm.Spool.Accepted.CopyPrivately(loaded, cancel); // (1)
        if (copied.Outcome == CopyOutcome.Rejected)
            await RejectAsync(loaded.Source, load, copied.Message!, cancel);
        if (copied.Copy is { } copy)
            await JudgeAsync(load, loaded, copy, cancel);
    }

    private async Task JudgeAsync(LoadResult load, LoadedJob loaded, PrivateCopy copy, CancellationToken cancel)
    {
        var judged = await admission.JudgeAsync(loaded.Job, copy.Path, cancel);
        FaultPoint.Reach(FaultPoints.IntakeJudged);
        if (judged.Refusal is { } refusal)
        {
            copy.Discard();
            await RejectAsync(loaded.Source, load, refusal, cancel);
            return;
        }
        copy.Commit(); // (2)
        batch.Add(AcceptedJob.Of(load, loaded, judged), loaded.Manifest.Length);
        if (batch.IsDue)
            await RegisterAsync(cancel);
    }

    /// <summary>Registers what is ready. Where one job is not to be had, the others are registered one by one.</summary>
    private async Task RegisterAsync(CancellationToken cancel)
    {
        var jobs = batch.Take();
        var outcomes = jobs.Count > 1 ? await TryTogetherAsync(jobs, cancel) : null;
        foreach (var (place, job) in jobs.Index())
            await WithoutStoppingAsync(job.Source, () => RegisterAsync(job, outcomes?[place], cancel));
    }

    private async Task<IReadOnlyList<RegisterOutcome>?> TryTogetherAsync(
        IReadOnlyList<AcceptedJob> jobs,
        CancellationToken cancel
    )
    {
        try
        {
            return await farm.Registry.RegisterJobsAsync([.. jobs.Select(job => job.Job)], cancel); // (3)
        }
        catch (Exception e) when (e is UnknownPlatformException or UnknownJobException)
        {
            return null;
        }
    }

    private async Task RegisterAsync(AcceptedJob job, RegisterOutcome? outcome, CancellationToken cancel)
    {
        var id = job.Job.Job.Id;
        outcome ??= await farm.Registry.RegisterJobAsync(job.Job, cancel); // (3)
        FaultPoint.Reach(FaultPoints.IncomingRegistered);
        if (outcome == RegisterOutcome.IdTaken)
        {
            farm.Spool.Accepted.Remove(id);
            await RejectAsync(job.Source, job.Load, IdTaken(id), cancel);
            return;
        }
        predecessors.Note(id);
        foreach (var warning in job.Warnings)
            farm.Log.SelectionWarning(id.ToString(), warning);
        farm.Log.Accepted(id.ToString(), job.Job.Job.Submitter, string.Join(", ", job.Job.Platforms));
        Finish(job.Source, cancel);
    }

    private async Task RejectAsync(IncomingJob entry, LoadResult load, string reason, CancellationToken cancel)
    {
        await rejection.RegisterAsync(entry, load, reason, cancel);
        Finish(entry, cancel);
    }

    private void Finish(IncomingJob entry, CancellationToken cancel)
    {
        progress = true;
        entry.Remove(cancel); // (4)
    }

    private static string IdTaken(JobId id) => $"the id '{id}' is already used by another job; choose another, or none";
}
