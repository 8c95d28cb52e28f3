using Microsoft.AspNetCore.Http;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>What can be asked of a job that is there.</summary>
internal enum JobChange
{
    Cancel,
    Retry,
}

/// <summary>Cancels and retries, for those who may, and notes who did.</summary>
internal sealed class JobChanges(IRegistry registry)
{
    /// <summary>Changes a job. Returns the tasks; or why not.</summary>
    /// <param name="visitor">Who asks.</param>
    /// <param name="job">Of what.</param>
    /// <param name="change">What.</param>
    /// <param name="request">Which of its tasks.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<(IReadOnlyList<PlatformKey>? Tasks, IResult? Problem)> DoAsync(
        Visitor visitor,
        JobSummary job,
        JobChange change,
        ChangeRequest request,
        CancellationToken cancel
    )
    {
        var verb = Words.Of(change);
        if (!visitor.MayChange(job))
            return (
                null,
                Answers.Forbidden(
                    $"job {job.Id} is {job.Submitter}'s: its submitter, a maintainer of bucket '{job.Bucket}' or an admin may {verb} it"
                )
            );
        PlatformKey? platform = null;
        if (request.Platform is { } text)
        {
            if (!PlatformKey.TryParse(text, out var key))
                return (null, Answers.BadRequest($"'{text}' is no platform: expected NAME-ARCHITECTURE"));
            platform = key;
        }
        // Noted first: what was done is never without a note; a note without a deed shows that it was tried.
        await registry.AddAuditAsync(
            visitor.Account!,
            verb,
            platform is null ? $"{job.Id}" : $"{job.Id} {platform}",
            cancel
        );
        var changed =
            change == JobChange.Cancel
                ? await registry.CancelAsync(job.Id, platform, cancel)
                : await registry.RetryAsync(job.Id, platform, request.All, cancel);
        return changed is null
            ? (null, Answers.NotFound($"job {job.Id} has no task on '{request.Platform}'"))
            : (changed, null);
    }
}
