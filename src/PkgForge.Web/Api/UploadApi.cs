using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry.Builders;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>
/// Uploads that go on where they broke: the tus protocol, version 1.0.0, with its extensions <c>creation</c> and <c>termination</c>
/// (https://tus.io/protocols/resumable-upload).
/// </summary>
internal sealed class UploadApi(Uploads uploads)
{
    private const string Version = "1.0.0";

    /// <summary>How pieces are sent.</summary>
    public const string Piece = "application/offset+octet-stream";

    public void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, "OPTIONS", "/uploads", UploadOperations.Describe, Describe).For(Rule.Open);
        Map(routes, "POST", "/uploads", UploadOperations.Begin, Begin).For(Rule.Change);
        const string one = "/uploads/{upload}";
        Map(routes, "HEAD", one, UploadOperations.Tell, http => Find(http, Tell)).For(Rule.Change);
        Map(routes, "PATCH", one, UploadOperations.Append, http => FindAsync(http, AppendAsync)).For(Rule.Change);
        Map(routes, "DELETE", one, UploadOperations.Remove, http => Find(http, Remove)).For(Rule.Change);
    }

    private static IEndpointConventionBuilder Map(
        IEndpointRouteBuilder routes,
        string method,
        string path,
        ApiOperation about,
        Func<HttpContext, Task<IResult>> answer
    ) =>
        routes
            .MapMethods(
                path,
                [method],
                (RequestDelegate)(
                    async http =>
                    {
                        http.Response.Headers["Tus-Resumable"] = Version;
                        await (await answer(http)).ExecuteAsync(http);
                    }
                )
            )
            .Described(about);

    private static Task<IResult> Describe(HttpContext http)
    {
        http.Response.Headers["Tus-Version"] = Version;
        http.Response.Headers["Tus-Extension"] = "creation,termination";
        http.Response.Headers["Tus-Max-Size"] = Text(Uploads.Longest);
        return Task.FromResult(Answers.NoContent);
    }

    private Task<IResult> Begin(HttpContext http) => Task.FromResult(BeginNow(http));

    private IResult BeginNow(HttpContext http)
    {
        if (Number(http, "Upload-Length") is not { } length)
            return Answers.BadRequest("expected the header 'Upload-Length', the number of bytes of the file");
        if (length > Uploads.Longest)
            return Answers.TooMuch($"a file may have {Uploads.Longest} bytes, not {length}");
        if (NameOf(http) is not { } name)
            return Answers.BadRequest(
                $"expected the header 'Upload-Metadata' with 'filename' and the file's name in base64; a name is {ProductName.Rule}"
            );
        if (uploads.Begin(AccessGate.VisitorOf(http).Account!, name, length) is not { } upload)
            return Answers.TooMuch(Uploads.TooMany);
        http.Response.Headers.Location = $"/api/v1/uploads/{upload.Id}";
        return TypedResults.StatusCode(StatusCodes.Status201Created);
    }

    private static IResult Tell(HttpContext http, UploadedFile upload)
    {
        http.Response.Headers["Upload-Offset"] = Text(upload.Offset);
        http.Response.Headers["Upload-Length"] = Text(upload.Length);
        return TypedResults.StatusCode(StatusCodes.Status200OK);
    }

    private static async Task<IResult> AppendAsync(HttpContext http, UploadedFile upload)
    {
        if (http.Request.ContentType != Piece)
            return Answers.Problem(
                StatusCodes.Status415UnsupportedMediaType,
                "urn:pkgforge:bad-request",
                "wrong type",
                $"expected a body of type {Piece}"
            );
        if (Number(http, "Upload-Offset") is not { } offset)
            return Answers.BadRequest("expected the header 'Upload-Offset', the number of bytes that the farm has");
        if (offset != upload.Offset)
            return Answers.WrongOffset(offset, upload.Offset);
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize =
            upload.Length - upload.Offset;
        try
        {
            var length = await Uploads.AppendAsync(upload, http.Request.BodyReader, http.RequestAborted);
            http.Response.Headers["Upload-Offset"] = Text(length);
            return Answers.NoContent;
        }
        catch (InvalidDataException e)
        {
            return Answers.TooMuch(e.Message);
        }
    }

    private IResult Remove(HttpContext http, UploadedFile upload)
    {
        uploads.Remove(upload);
        return Answers.NoContent;
    }

    private Task<IResult> Find(HttpContext http, Func<HttpContext, UploadedFile, IResult> answer) =>
        FindAsync(http, (request, upload) => Task.FromResult(answer(request, upload)));

    private async Task<IResult> FindAsync(HttpContext http, Func<HttpContext, UploadedFile, Task<IResult>> answer) =>
        uploads.Find(AccessGate.VisitorOf(http).Account!, Addressed.Part(http, "upload")) is { } upload
            ? await answer(http, upload)
            : Answers.NotFound(
                "there is no such upload of this account: uploads that stood still for a day are removed"
            );

    /// <summary>Metadata are pairs of a key and a value in base64, parted by commas.</summary>
    private static string? NameOf(HttpContext http)
    {
        foreach (
            var pair in http.Request.Headers["Upload-Metadata"].ToString().Split(',', StringSplitOptions.TrimEntries)
        )
        {
            if (pair.Split(' ') is not ["filename", var value])
                continue;
            var bytes = new byte[value.Length];
            if (!Convert.TryFromBase64String(value, bytes, out var length))
                return null;
            var name = Encoding.UTF8.GetString(bytes, 0, length);
            return ProductName.IsWellFormed(name) ? name : null;
        }
        return null;
    }

    private static long? Number(HttpContext http, string header) =>
        long.TryParse(
            http.Request.Headers[header].ToString(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var value
        )
            ? value
            : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
