using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Api;

/// <summary>What the API's document says of jobs.</summary>
internal static class JobOperations
{
    public static ApiOperation List { get; } =
        new ApiOperation("listJobs", "Lists jobs, newest first")
            .More(
                "A page of them. `next`, and the header `Link`, have the address of the next page: follow it as it is."
            )
            .Query("submitter", "Only those of this submitter.")
            .Query("source", "Only those with a source package of this name; `lib*`: of names that begin so.")
            .Query("bucket", "Only those for this bucket.")
            .Query("platform", "Only those with a task on this platform, `NAME-ARCHITECTURE`.")
            .Query("from", "Only those that the farm took then or later: a day of UTC, or a time (RFC 3339).")
            .Query("to", "Only those that the farm took then or earlier; a day counts to its end.")
            .Query("state", "Only those in this state.", ApiValue.OneOf(JobQueries.StateNames))
            .Query("limit", "So many at the most.", ApiValue.Number(1, PageSize.Largest, PageSize.Usual))
            .Query("after", "Only jobs older than this one: the id of a job.")
            .Gives(ApiJson.Default.JobsAnswer, "A page of jobs.", headers: NextPage);

    public static ApiOperation Show { get; } =
        new ApiOperation("getJob", "Shows a job with its tasks and their attempts")
            .More(
                "Causes, evidence, and why tasks wait. A job that was submitted and not yet taken is `incoming`, without tasks."
            )
            .Gives(ApiJson.Default.JobJson, "The job.");

    public static ApiOperation Submit { get; } =
        new ApiOperation("submitJob", "Submits a job whose files have been uploaded")
            .More(
                "A request that has an `id`, or an `Idempotency-Key`, may be sent again when its answer was lost: the job is there once."
            )
            .Header("Idempotency-Key", "A UUID, which becomes the job's id where the body has none.", ApiValue.Uuid)
            .Takes(RequestJson.Default.SubmitRequest)
            .Gives(
                ApiJson.Default.SubmittedJson,
                "The job was submitted. Incoming takes it a moment later.",
                201,
                new ApiHeader("Location", "The job's address.", ApiValue.Text)
            )
            .Gives(ApiJson.Default.SubmittedJson, "The job had been submitted before.")
            .Fails(404, 409, 422);

    public static ApiOperation Cancel { get; } =
        new ApiOperation("cancelJob", "Cancels a job, or one of its tasks")
            .Takes(RequestJson.Default.ChangeRequest, required: false)
            .Gives(
                ApiJson.Default.ChangedJson,
                "The tasks that it changed; those that run end a moment later. A job that was still `incoming` is gone: `withdrawn`."
            );

    public static ApiOperation Retry { get; } =
        new ApiOperation("retryJob", "Puts failed and cancelled tasks of a job back")
            .Takes(RequestJson.Default.ChangeRequest, required: false)
            .Gives(ApiJson.Default.ChangedJson, "The tasks that it changed.");

    public static ApiOperation Prioritise { get; } =
        new ApiOperation("setJobPriority", "Says how soon a job is built")
            .Takes(AdminRequestJson.Default.PriorityChange)
            .Gives(AdminJson.Default.PriorityAnswer, "How soon, and how many of its tasks wait.")
            .Fails(409);

    public static ApiOperation Products { get; } =
        new ApiOperation("listProducts", "Lists the files that a task made").Gives(
            ApiJson.Default.ProductJsonArray,
            "The files; empty unless the task succeeded."
        );

    public static ApiOperation Manifest { get; } =
        new ApiOperation("getManifest", "Sends what was asked for with a job").Sends(
            ResultFiles.Text,
            "`job.yml`; without mail addresses for those without an account."
        );

    public static ApiOperation Resubmit { get; } =
        new ApiOperation("resubmitJob", "Submits the sources of a job once more, as a new job")
            .More("What the body does not say is as it was.")
            .Header("Idempotency-Key", "A UUID, which becomes the job's id where the body has none.", ApiValue.Uuid)
            .Takes(RequestJson.Default.ResubmitRequest, required: false)
            .Gives(
                ApiJson.Default.SubmittedJson,
                "The job was submitted. Incoming takes it a moment later.",
                201,
                new ApiHeader("Location", "The job's address.", ApiValue.Text)
            )
            .Gives(ApiJson.Default.SubmittedJson, "The job had been submitted before.")
            .Fails(409, 422);

    public static ApiOperation Promote { get; } =
        new ApiOperation("promoteJob", "Publishes what a job has made in another bucket, too")
            .Takes(RequestJson.Default.PromoteRequest)
            .Gives(ApiJson.Default.PromotedJson, "What became of each of its tasks.")
            .Fails(409);

    /// <summary>Of lists that go on (RFC 8288).</summary>
    public static ApiHeader NextPage =>
        new("Link", "The address of the next page, as `rel=\"next\"`; not there on the last.", ApiValue.Text);
}
