using Microsoft.AspNetCore.Http;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Api;

/// <summary>Takes jobs back that were submitted and that incoming has not taken yet, for those who may, and notes who did.</summary>
internal sealed class Withdrawals(ServedFarm farm)
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

    /// <summary>Takes a job back.</summary>
    /// <returns>That it is gone, or the tasks that were cancelled because incoming was faster; or why not. Neither when there is no such job.</returns>
    public async Task<(ChangedJson? Changed, IResult? Problem)> DoAsync(
        Visitor visitor,
        JobId id,
        CancellationToken cancel
    )
    {
        if (farm.Withdraw is not { } withdraw || !IsThere(id))
            return (null, null);
        if (!May(visitor, id))
            return (
                null,
                Answers.Forbidden(
                    $"job {id} was submitted by somebody else: its submitter, a maintainer of its bucket or an admin may cancel it"
                )
            );
        await farm.Registry.AddAuditAsync(visitor.Account!, Words.Of(JobChange.Cancel), id.ToString(), cancel);
        var withdrawn = await withdraw(id, cancel);
        // Incoming may have registered it meanwhile.
        if (await farm.Registry.CancelAsync(id, null, cancel) is { } tasks)
            return (ChangedJson.Of(id, tasks), null);
        return (withdrawn ? new(id.ToString(), [], Withdrawn: true) : null, null);
    }
}
