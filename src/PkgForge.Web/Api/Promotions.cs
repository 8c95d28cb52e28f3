using Microsoft.AspNetCore.Http;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>Publishes products of a job in another bucket, for those who may change that bucket, and notes who did.</summary>
internal sealed class Promotions(ServedFarm farm)
{
    /// <summary>Buckets to which a visitor may promote a job; none where there is nothing to promote.</summary>
    public IReadOnlyList<string> BucketsFor(Visitor visitor, JobDetail job) =>
        farm.Promote is not null && job.Tasks.Any(task => task.State == BuildTaskState.Success)
            ?
            [
                .. farm.Buckets.Where(bucket =>
                    visitor.Maintains(bucket) && (job.Job.Scratch || bucket != job.Job.Bucket)
                ),
            ]
            : [];

    /// <summary>Publishes. Returns what became of each platform; or why nothing was done.</summary>
    public async Task<(IReadOnlyList<PromotionOutcome>? Outcomes, IResult? Problem)> DoAsync(
        Visitor visitor,
        JobDetail job,
        PromoteRequest request,
        CancellationToken cancel
    )
    {
        if (!farm.Buckets.Contains(request.Bucket))
            return (
                null,
                Answers.BadRequest(
                    $"there is no bucket '{request.Bucket}'; there are: {string.Join(", ", farm.Buckets)}"
                )
            );
        if (!visitor.Maintains(request.Bucket))
            return (
                null,
                Answers.Forbidden(
                    $"a maintainer of bucket '{request.Bucket}' or an admin may publish in it without building"
                )
            );
        PlatformKey? platform = null;
        if (request.Platform is { } text)
        {
            if (!PlatformKey.TryParse(text, out var key))
                return (null, Answers.BadRequest($"'{text}' is no platform: expected NAME-ARCHITECTURE"));
            platform = key;
        }
        if (
            farm.Promote is not { } promote
            || !job.Tasks.Any(task =>
                task.State == BuildTaskState.Success && (platform is null || task.Platform == platform)
            )
        )
            return (null, Answers.Conflict($"job {job.Job.Id} has made nothing that could be published"));
        var subject = platform is null ? $"{job.Job.Id}" : $"{job.Job.Id} {platform}";
        // Noted first: what was done is never without a note; a note without a deed shows that it was tried.
        await farm.Registry.AddAuditAsync(visitor.Account!, "promote", $"{subject} to {request.Bucket}", cancel);
        return (await promote(job, platform, request.Bucket, cancel), null);
    }
}
