using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using PkgForge.Jobs;
using PkgForge.Registry.Builders;
using PkgForge.Spool;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>
/// Submitting from a browser: one form with the files in it (RFC 7578), which are written to the disk as they come. The form's own fields come before its files, so that nothing is taken from
/// a page of another site.
/// </summary>
internal sealed class SubmitPages(ServedFarm farm, Submissions submissions)
{
    private const int LongestField = 4 << 10;
    private const int MostFields = 16;
    private const int MostFiles = 200;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/submit", (RequestDelegate)(http => ShowAsync(http, []))).For(Rule.Change);
        routes.MapPost("/submit", (RequestDelegate)TakeAsync).For(Rule.Change, checksForm: true);
    }

    private async Task ShowAsync(HttpContext http, IReadOnlyList<string> trouble)
    {
        if (trouble.Count > 0)
            http.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        var platforms = (await farm.Registry.ListPlatformsAsync(http.RequestAborted)).Where(p => p.Active).ToList();
        await PageAnswers.WriteAsync(
            http,
            SubmitPage.Create(new(new(http, "Submit"), farm.Buckets, platforms, trouble))
        );
    }

    private async Task TakeAsync(HttpContext http)
    {
        if (
            !MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 200 } boundary
        )
        {
            await PageAnswers.SendAsync(http, Answers.BadRequest("expected the form of the page /submit"));
            return;
        }
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = Uploads.Longest;
        var directory = submissions.Uploads.NewDirectory();
        try
        {
            var form = await ReadAsync(http, new MultipartReader(boundary, http.Request.Body), directory);
            await PageAnswers.SendAsync(http, form.Problem ?? await PlaceAsync(http, directory, form));
        }
        catch (InvalidDataException e)
        {
            await PageAnswers.SendAsync(http, Answers.BadRequest($"the form is not well formed: {e.Message}"));
        }
        finally
        {
            DirectoryTree.Remove(directory);
        }
    }

    private async Task<IResult> PlaceAsync(HttpContext http, string directory, Form form)
    {
        var account = AccessGate.VisitorOf(http).Account!;
        var id = JobId.New().ToString();
        // Noted first, and nothing that can fail comes after the job: as by the API.
        await farm.Registry.AddAuditAsync(account, "submit", id, http.RequestAborted);
        var placed = await submissions.PlaceAsync(
            account,
            directory,
            form.Files,
            new(
                [],
                form["bucket"] ?? "",
                id,
                Platforms: Words(form["platforms"]),
                Report: Words(form["report"]),
                Order: form["order"],
                Priority: form["priority"],
                Scratch: form["scratch"] == "true"
            ),
            http.RequestAborted
        );
        if (placed.Job is not { } job)
            return new Again(this, placed.Trouble);
        return new SeeOther($"/jobs/{job.Id}");
    }

    private static async Task<Form> ReadAsync(HttpContext http, MultipartReader reader, string directory)
    {
        var form = new Form();
        while (await reader.ReadNextSectionAsync(http.RequestAborted) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                throw new InvalidDataException("a part has no content disposition");
            if (!disposition.IsFileDisposition())
            {
                if (form.Fields.Count == MostFields)
                    throw new InvalidDataException($"it has more than {MostFields} fields");
                form.Fields[HeaderUtilities.RemoveQuotes(disposition.Name).ToString()] = await TextAsync(
                    section,
                    http.RequestAborted
                );
                continue;
            }
            if (!IsOurs(http, form[AccessGate.FormField]))
                return form with
                {
                    Problem = Answers.Forbidden(
                        "this form does not come from a page of this site: open the page again"
                    ),
                };
            if (await KeepAsync(http, section, disposition, form, directory) is { } problem)
                return form with { Problem = problem };
        }
        return form;
    }

    private static async Task<IResult?> KeepAsync(
        HttpContext http,
        MultipartSection section,
        ContentDispositionHeaderValue disposition,
        Form form,
        string directory
    )
    {
        var name = HeaderUtilities.RemoveQuotes(disposition.FileName).ToString();
        if (name.Length == 0)
            return null;
        if (!ProductName.IsWellFormed(name))
            return Answers.BadRequest($"a file's name is {ProductName.Rule}");
        if (form.Files.Count == MostFiles || form.Files.Contains(name))
            return Answers.BadRequest(
                form.Files.Contains(name)
                    ? $"two files are named {name}; submit them as two jobs"
                    : $"at most {MostFiles} files"
            );
        await using var file = new FileStream(
            Path.Combine(directory, name),
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.None,
            bufferSize: 0
        );
        await section.Body.CopyToAsync(file, 1 << 17, http.RequestAborted);
        form.Files.Add(name);
        return null;
    }

    private static async Task<string> TextAsync(MultipartSection section, CancellationToken cancel)
    {
        using var text = new MemoryStream();
        var block = new byte[LongestField];
        int read;
        while ((read = await section.Body.ReadAsync(block, cancel)) > 0)
        {
            if (text.Length + read > LongestField)
                throw new InvalidDataException("a field is too long");
            text.Write(block, 0, read);
        }
        return Encoding.UTF8.GetString(text.ToArray());
    }

    /// <summary>A script with a token sends no session, and so no token of a form either.</summary>
    private static bool IsOurs(HttpContext http, string? token) =>
        AccessGate.VisitorOf(http).FormToken is not { } expected
        || CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(token ?? ""),
            Encoding.UTF8.GetBytes(expected)
        );

    private static string[]? Words(string? text) => Split(text) is { Length: > 0 } words ? words : null;

    /// <summary>Words of a field, with commas or spaces between them.</summary>
    public static string[] Split(string? text) =>
        text?.Split([',', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>What a form has brought.</summary>
    private sealed record Form
    {
        public Dictionary<string, string> Fields { get; } = new(StringComparer.Ordinal);

        public List<string> Files { get; } = [];

        public IResult? Problem { get; init; }

        public string? this[string name] => Fields.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
    }

    /// <summary>The page again, with what is wrong.</summary>
    private sealed class Again(SubmitPages pages, IReadOnlyList<string> trouble) : IResult
    {
        public Task ExecuteAsync(HttpContext http) => pages.ShowAsync(http, trouble);
    }
}
