using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PkgForge.Jobs;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Builders;

/// <summary>
/// What a builder fetches: <c>order</c>, <c>manifest</c>, <c>sources/NAME</c>, <c>repositories/BUCKET</c> and its files. A name is only ever looked
/// for in a list; it never becomes a path.
/// </summary>
internal sealed class OrderEndpoints(ServedFarm farm)
{
    private const string Bytes = "application/octet-stream";

    public void Map(BuilderRoutes routes)
    {
        routes.MapHeld("GET", "/order", OrderAsync);
        routes.MapHeld("GET", "/manifest", ManifestAsync);
        routes.MapHeld("GET", "/sources/{name}", SourceAsync);
        routes.MapHeld("GET", "/repositories/{bucket}", RepositoryAsync);
        routes.MapHeld("GET", "/repositories/{bucket}/files", RepositoryFileAsync);
    }

    private static async Task<IResult> OrderAsync(BuilderCall call, HeldTask held)
    {
        var order = await held.OrderAsync(call.Cancel);
        // At most Manifest.MaxBytes: Incoming has read it.
        var manifest = await File.ReadAllBytesAsync(ManifestOf(order), call.Cancel);
        return Answers.Json(
            new OrderAnswer(
                manifest.Length,
                Convert.ToHexStringLower(SHA256.HashData(manifest)),
                order.Lintian,
                order.Rpmlint,
                [.. order.Repositories.Select(repository => new RepositoryName(repository.Name, repository.Revision))]
            ),
            WireJson.Default.OrderAnswer
        );
    }

    private static async Task<IResult> ManifestAsync(BuilderCall call, HeldTask held) =>
        FileOf(ManifestOf(await held.OrderAsync(call.Cancel)));

    private static async Task<IResult> SourceAsync(BuilderCall call, HeldTask held)
    {
        var order = await held.OrderAsync(call.Cancel);
        var name = call.Part("name");
        return order.Job.Files.FirstOrDefault(file => file.Name == name) is { } file
            ? FileOf(Path.Combine(order.Sources, file.Name))
            : Answers.NotFound($"job {order.Job.Id} has no source file of that name; its manifest lists them");
    }

    private async Task<IResult> RepositoryAsync(BuilderCall call, HeldTask held)
    {
        if (await ContentAsync(call, held, null) is not { } content)
            return NoRepository;
        var files = content.Files.Select(file => new FileLine(file.Key, file.Value.Size, file.Value.Sha256));
        return Answers.Json(new RepositoryAnswer(content.Revision, [.. files]), WireJson.Default.RepositoryAnswer);
    }

    private async Task<IResult> RepositoryFileAsync(BuilderCall call, HeldTask held)
    {
        if (call.Word("path") is not { } path || call.Word("revision") is not { } revision)
            return Answers.BadRequest("expected 'path' and 'revision', as the repository's list has them");
        if (await ContentAsync(call, held, revision) is not { } content)
            return NoRepository;
        return content.Files.TryGetValue(path, out var file)
            ? new RepositoryFileResult(FileOf(file.Place), NoRepository)
            : Answers.NotFound("the repository's list has no such path");
    }

    private async Task<RepositoryContent?> ContentAsync(BuilderCall call, HeldTask held, string? revision)
    {
        var bucket = call.Part("bucket");
        var order = await held.OrderAsync(call.Cancel);
        return order.Repositories.FirstOrDefault(repository => repository.Name == bucket) is { } known
            ? farm.Files.ContentOf(known, revision)
            : null;
    }

    private static IResult NoRepository =>
        Answers.NotFound(
            "this task uses no such bucket, or the bucket has no such revision any more: ask for its list again"
        );

    private static string ManifestOf(TaskOrder order) => Path.Combine(order.Sources, Manifest.FileName);

    private static PhysicalFileHttpResult FileOf(string path) =>
        TypedResults.PhysicalFile(path, Bytes, enableRangeProcessing: true);

    /// <summary>A file of a bucket, which may be swept away, with the snapshot that lists it, at any moment.</summary>
    private sealed class RepositoryFileResult(IResult file, IResult gone) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            try
            {
                await file.ExecuteAsync(httpContext);
            }
            catch (Exception e)
                when (e is FileNotFoundException or DirectoryNotFoundException && !httpContext.Response.HasStarted)
            {
                httpContext.Response.Clear();
                await gone.ExecuteAsync(httpContext);
            }
        }
    }
}
