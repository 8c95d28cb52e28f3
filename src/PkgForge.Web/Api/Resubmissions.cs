using Microsoft.AspNetCore.Http;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>The sources of a job once more, as a new job of whoever asks: what is not said is as it was.</summary>
internal sealed class Resubmissions(ServedFarm farm, JobManifests manifests, Submissions submissions)
{
    /// <summary>Submits them. Returns the answer of a submission; or why there is none.</summary>
    /// <param name="account">Who asks.</param>
    /// <param name="old">The job whose sources they are.</param>
    /// <param name="request">What is to be different.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<(SubmissionAnswer? Placed, IResult? Problem)> PlaceAsync(
        string account,
        JobSummary old,
        ResubmitRequest request,
        CancellationToken cancel
    )
    {
        if (manifests.Find(old.Id) is not { } job)
            return (
                null,
                Answers.Conflict(
                    $"the farm has not kept the sources of job {old.Id}: it keeps those of jobs that it has accepted; submit the files again"
                )
            );
        var asked = Merge(job, request);
        // Noted first: what was done is never without a note; a note without a deed shows that it was tried.
        await farm.Registry.AddAuditAsync(account, "resubmit", $"{old.Id} as {asked.Id}", cancel);
        var names = job.Sources.Concat(job.Files.Select(file => file.Name)).Distinct(StringComparer.Ordinal);
        var directory = farm.Spool.Accepted.PathOf(old.Id);
        return (await submissions.PlaceAsync(account, directory, [.. names], asked, cancel), null);
    }

    private static SubmitRequest Merge(Job job, ResubmitRequest request) =>
        new(
            [],
            request.Bucket ?? job.Bucket,
            request.Id ?? JobId.New().ToString(),
            request.Platforms ?? [.. job.Platforms],
            request.Architectures ?? [.. job.Architectures],
            request.Report ?? [.. job.Report],
            request.OnError ?? job.OnError.ToString(),
            request.Order ?? job.Order.ToString(),
            request.Priority ?? job.Priority.ToString(),
            null,
            request.Scratch ?? job.Scratch
        );
}
