using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using PkgForge.Registry.Builders;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>
/// A form with files in it (RFC 7578), which are written to the disk as they come. Its fields come before its files, so that nothing is taken from a page of another site.
/// </summary>
internal sealed class SubmitForm
{
    private const int LongestField = 4 << 10;
    private const int MostFields = 16;
    private const int MostFiles = 200;

    private readonly Dictionary<string, string> fields = new(StringComparer.Ordinal);
    private readonly List<string> files = [];
    private readonly List<string> uploads = [];
    private readonly List<string> unused = [];

    private SubmitForm() { }

    /// <summary>Names of the files, in their order.</summary>
    public IReadOnlyList<string> Files => files;

    /// <summary>Ids of files that have come before, in their order.</summary>
    public IReadOnlyList<string> Uploads => uploads;

    /// <summary>Ids of files that have come before, and are not part of it after all.</summary>
    public IReadOnlyList<string> Unused => unused;

    /// <summary>A field; null when it is not there, or empty.</summary>
    public string? this[string name] => fields.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>Reads the form of a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="directory">Takes its files.</param>
    /// <returns>The form, or the answer that says what is wrong with it.</returns>
    public static async Task<(SubmitForm? Form, IResult? Problem)> ReadAsync(HttpContext http, string directory)
    {
        if (
            !MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 200 } boundary
        )
            return (null, Answers.BadRequest("expected the form of the page /submit"));
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = Api.Uploads.Longest;
        try
        {
            var form = new SubmitForm();
            var problem = await form.ReadAsync(http, new MultipartReader(boundary, http.Request.Body), directory);
            return problem is null ? (form, null) : (null, problem);
        }
        catch (InvalidDataException e)
        {
            return (null, Answers.BadRequest($"the form is not well formed: {e.Message}"));
        }
    }

    private async Task<IResult?> ReadAsync(HttpContext http, MultipartReader reader, string directory)
    {
        while (await reader.ReadNextSectionAsync(http.RequestAborted) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                throw new InvalidDataException("a part has no content disposition");
            if (!disposition.IsFileDisposition())
                Add(HeaderUtilities.RemoveQuotes(disposition.Name).ToString(), await TextAsync(http, section));
            else if (!IsOurs(http))
                return Answers.Forbidden("this form does not come from a page of this site: open the page again");
            else if (await KeepAsync(http, section, disposition, directory) is { } problem)
                return problem;
        }
        // A form without a file has not been asked yet.
        return IsOurs(http)
            ? null
            : Answers.Forbidden("this form does not come from a page of this site: open the page again");
    }

    private void Add(string name, string value)
    {
        if (fields.Count == MostFields || uploads.Count + unused.Count == MostFiles)
            throw new InvalidDataException($"it has more than {MostFields} fields, or {MostFiles} files");
        if (name == "upload")
            uploads.Add(value);
        else if (name == "unused")
            unused.Add(value);
        else
            fields[name] = value;
    }

    private async Task<IResult?> KeepAsync(
        HttpContext http,
        MultipartSection section,
        ContentDispositionHeaderValue disposition,
        string directory
    )
    {
        var name = HeaderUtilities.RemoveQuotes(disposition.FileName).ToString();
        if (name.Length == 0)
            return null;
        if (!ProductName.IsWellFormed(name))
        {
            // A browser that is not done with sending hears of no answer.
            await section.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            return Answers.BadRequest($"a file's name is {ProductName.Rule}");
        }
        if (files.Contains(name))
            return Answers.BadRequest($"two files are named {name}; submit them as two jobs");
        if (files.Count == MostFiles)
            return Answers.BadRequest($"at most {MostFiles} files");
        await using var file = new FileStream(
            Path.Combine(directory, name),
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.None,
            bufferSize: 0
        );
        await section.Body.CopyToAsync(file, 1 << 17, http.RequestAborted);
        files.Add(name);
        return null;
    }

    private static async Task<string> TextAsync(HttpContext http, MultipartSection section)
    {
        using var text = new MemoryStream();
        var block = new byte[LongestField];
        int read;
        while ((read = await section.Body.ReadAsync(block, http.RequestAborted)) > 0)
        {
            if (text.Length + read > LongestField)
                throw new InvalidDataException("a field is too long");
            text.Write(block, 0, read);
        }
        return Encoding.UTF8.GetString(text.ToArray());
    }

    /// <summary>A script with a token sends no session, and so no token of a form either.</summary>
    private bool IsOurs(HttpContext http) =>
        AccessGate.VisitorOf(http).FormToken is not { } expected
        || CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(this[AccessGate.FormField] ?? ""),
            Encoding.UTF8.GetBytes(expected)
        );
}
