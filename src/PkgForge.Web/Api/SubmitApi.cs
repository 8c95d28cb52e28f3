using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Registry;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Registry.Views;
using PkgForge.Spool;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>
/// Submits a job whose files have been uploaded: <c>POST /api/v1/jobs</c>. Who names the job's id, or sends a UUID as <c>Idempotency-Key</c>, may send the request again when the answer was lost: the job is
/// there once.
/// </summary>
internal sealed class SubmitApi(ServedFarm farm, Submissions submissions)
{
    private const string KeyHeader = "Idempotency-Key";

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapApi("POST", "/jobs", Rule.Change, JobOperations.Submit, SubmitAsync);

    private async Task<IResult> SubmitAsync(HttpContext http)
    {
        var (request, bad) = await RequestBody.ReadAsync(http, RequestJson.Default.SubmitRequest);
        if (request is null)
            return bad!;
        if (
            RequestBody.HoldsNull(
                request.Uploads,
                request.Platforms,
                request.Architectures,
                request.Report,
                request.After
            ) is
            { } holed
        )
            return holed;
        var (keyed, wrong) = WithKey(http, request.Id);
        if (wrong is not null)
            return wrong;
        request = request with { Id = keyed };
        var account = AccessGate.VisitorOf(http).Account!;
        if (request.Id is not null && await FindAsync(farm, request.Id, account, http.RequestAborted) is { } before)
            return before;
        var (files, missing) = Find(account, request.Uploads);
        if (missing is not null)
            return missing;
        return await PlaceAsync(http, account, files, request);
    }

    /// <summary>The id that a request gives its job: its own, or the key that it may be sent again with.</summary>
    public static (string? Id, IResult? Problem) WithKey(HttpContext http, string? id) =>
        http.Request.Headers[KeyHeader].ToString() is not { Length: > 0 } key ? (id, null)
        : Guid.TryParse(key, out var uuid) ? (id ?? uuid.ToString(), null)
        : (null, Answers.BadRequest($"'{KeyHeader}' is no UUID"));

    /// <summary>The job, if this account has submitted it before; or that another has its id.</summary>
    public static async Task<IResult?> FindAsync(ServedFarm farm, string id, string account, CancellationToken cancel)
    {
        if (!JobId.TryParse(id, out var job))
            return null;
        // Twice: between the two looks incoming may have taken it.
        if (await farm.Registry.FindJobAsync(job, cancel) is { } detail)
            return Answer(detail);
        if (farm.Spool.Incoming.Find(id)?.Load().Loaded is { Job: var waiting } && waiting.Submitter == account)
            return Placed(waiting.Id, waiting.Bucket, waiting.Sources);
        return await farm.Registry.FindJobAsync(job, cancel) is { } taken ? Answer(taken) : null;

        IResult Answer(JobDetail found) =>
            found.Job.Submitter == account
                ? Placed(found.Job.Id, found.Job.Bucket, found.Job.Sources)
                : InUse($"another job has the id '{id}'");
    }

    private static IResult Placed(JobId id, string bucket, IReadOnlyList<string> sources) =>
        Answers.Json(new(id.ToString(), bucket, [.. sources]), ApiJson.Default.SubmittedJson);

    private (IReadOnlyList<UploadedFile> Files, IResult? Missing) Find(string account, string[] uploads)
    {
        var files = new List<UploadedFile>();
        foreach (var id in uploads.Distinct(StringComparer.Ordinal))
        {
            if (submissions.Uploads.Find(account, id) is not { } file)
                return ([], Answers.NotFound($"there is no upload '{id}' of this account"));
            if (!file.IsComplete)
                return (
                    [],
                    Answers.Conflict(
                        $"of {file.Name} {file.Offset} bytes of {file.Length} have come: upload the rest first"
                    )
                );
            files.Add(file);
        }
        return
            files.GroupBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)
                is { } twice
            ? ([], Answers.BadRequest($"two uploads are named {twice.Key}; submit them as two jobs"))
            : (files, null);
    }

    private async Task<IResult> PlaceAsync(
        HttpContext http,
        string account,
        IReadOnlyList<UploadedFile> files,
        SubmitRequest request
    )
    {
        var directory = submissions.Uploads.NewDirectory();
        try
        {
            // Links: the uploads stay until the job is there, so that the request can be sent again.
            // Noted first: what was done is never without a note, and nothing that can fail comes after it.
            request = request with
            {
                Id = request.Id ?? JobId.New().ToString(),
            };
            await farm.Registry.AddAuditAsync(account, "submit", request.Id, http.RequestAborted);
            Uploads.Gather(files, directory);
            var placed = await submissions.PlaceAsync(
                account,
                directory,
                [.. files.Select(file => file.Name)],
                request,
                http.RequestAborted
            );
            if (placed.Job is not { } job)
                return placed.IdInUse ? InUse(placed.Trouble[0]) : Invalid(placed.Trouble);
            foreach (var file in files)
                submissions.Uploads.Remove(file);
            http.Response.Headers.Location = $"/api/v1/jobs/{job.Id}";
            return TypedResults.Json(
                SubmittedJson.Of(job, placed.Warnings),
                ApiJson.Default.SubmittedJson,
                statusCode: StatusCodes.Status201Created
            );
        }
        finally
        {
            DirectoryTree.Remove(directory);
        }
    }

    private static IResult InUse(string detail) => Answers.Conflict(detail);

    public static IResult Invalid(IReadOnlyList<string> trouble) =>
        Answers.Problem(
            StatusCodes.Status422UnprocessableEntity,
            ProblemTypes.NotAsAnnounced,
            "not accepted",
            string.Join('\n', trouble)
        );
}
