using Microsoft.AspNetCore.Http;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>Cancels jobs that were submitted and that incoming has not taken yet, for those who may, and notes who did: they are taken back.</summary>
internal sealed class Withdrawals(ServedFarm farm, JobChanges changes, CancellationToken stopping)
{
    /// <summary>Whether a job lies in incoming.</summary>
    public bool IsThere(JobId id) => farm.Spool.Incoming.Find(id.ToString()) is not null;

    /// <summary>
    /// Whether somebody may take a job back. Only its manifest says whose it is: where that cannot be read, it is an admin's to remove, as the next pass of incoming will.
    /// </summary>
    public bool May(Visitor visitor, JobId id) =>
        visitor.IsAdmin
        || farm.Spool.Incoming.Find(id.ToString())?.Load().Loaded is { Job: var job }
            && visitor.MayChange(job.Submitter, job.Bucket);

    /// <summary>Takes a job back; or cancels it, when incoming is faster.</summary>
    /// <returns>What was done; or why not. Neither when there is no such job.</returns>
    public async Task<(ChangedJson? Changed, IResult? Problem)> DoAsync(
        Visitor visitor,
        JobId id,
        CancellationToken cancel
    )
    {
        if (farm.Withdraw is not { } withdraw || !IsThere(id))
            return await CancelAsync(visitor, id, cancel);
        if (!May(visitor, id))
            // Or it is gone by now, and so its manifest.
            return IsThere(id) ? (null, Refusal(id)) : await CancelAsync(visitor, id, cancel);
        await farm.Registry.AddAuditAsync(visitor.Account!, Words.Of(JobChange.Cancel), id.ToString(), cancel);
        // Whoever has asked may be gone before this is done: half of it would be a job that is built all the same.
        var withdrawn = await withdraw(id, stopping);
        var taken = await CancelAsync(visitor, id, stopping);
        return withdrawn && taken is (null, null) ? (new(id.ToString(), [], Withdrawn: true), null) : taken;
    }

    /// <summary>Incoming may have registered it meanwhile.</summary>
    private async Task<(ChangedJson? Changed, IResult? Problem)> CancelAsync(
        Visitor visitor,
        JobId id,
        CancellationToken cancel
    )
    {
        if (await farm.Registry.FindJobAsync(id, cancel) is not { } detail)
            return (null, null);
        var (tasks, problem) = await changes.DoAsync(visitor, detail.Job, JobChange.Cancel, new(), cancel);
        return (tasks is null ? null : ChangedJson.Of(id, tasks), problem);
    }

    private static IResult Refusal(JobId id) =>
        Answers.Forbidden(
            $"job {id} was submitted by somebody else, or cannot be read: its submitter, a maintainer of its bucket or an admin may cancel it"
        );
}
