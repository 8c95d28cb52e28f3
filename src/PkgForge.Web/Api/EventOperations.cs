namespace PkgForge.Web.Api;

/// <summary>What the API's document says of events.</summary>
internal static class EventOperations
{
    /// <summary>How server-sent events are sent (HTML, 9.2).</summary>
    public const string Type = "text/event-stream";

    public static ApiOperation All { get; } =
        Events(new("followJobs", "Tells what becomes of all jobs, as it happens"))
            .More("Events `farm` and `job`; what is in them is in docs/formats/api.md.")
            .Query("submitter", "Only jobs of this submitter.")
            .Sends(Type, "Events, until the caller goes.");

    public static ApiOperation OfJob { get; } =
        Events(new("followJob", "Tells what becomes of a job, as it happens, until it has ended"))
            .More("Events `job`, `progress` and `end`; what is in them is in docs/formats/api.md.")
            .Sends(Type, "Events, until the job has ended.")
            .Done(204, "The job has ended, and the caller has its last state.");

    /// <summary>Events from which a caller that was cut off goes on.</summary>
    public static ApiOperation Events(ApiOperation operation) =>
        operation.Header(
            "Last-Event-ID",
            "The id of the last event that the caller has: what it has is not sent again."
        );
}
