using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Jobs;
using PkgForge.Spool;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>
/// Submitting from a browser: one form with the files in it. The page's script sends the files before, one by one, so that each is checked when it has come and none is sent twice.
/// </summary>
internal sealed class SubmitPages(ServedFarm farm, Submissions submissions)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/submit", (RequestDelegate)(http => ShowAsync(http, new(), []))).For(Rule.Change);
        routes
            .MapPost("/submit", (RequestDelegate)(http => TakeAsync(http, PlaceAsync)))
            .For(Rule.Change, checksForm: true);
        routes
            .MapPost("/submit/file", (RequestDelegate)(http => TakeAsync(http, KeepAsync)))
            .For(Rule.Change, checksForm: true);
    }

    private async Task ShowAsync(HttpContext http, SubmitValues values, IReadOnlyList<string> trouble)
    {
        if (trouble.Count > 0)
            http.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        var platforms = (await farm.Registry.ListPlatformsAsync(http.RequestAborted)).Where(p => p.Active).ToList();
        await PageAnswers.WriteAsync(
            http,
            SubmitPage.Create(new(new(http, "Submit"), farm.Buckets, platforms, values, trouble))
        );
    }

    /// <summary>Reads a form into a directory of its own, which goes when it has been dealt with, unless it has become an upload.</summary>
    private async Task TakeAsync(HttpContext http, Func<HttpContext, string, SubmitForm, Task<IResult>> answerAsync)
    {
        var directory = submissions.Uploads.NewDirectory();
        try
        {
            var (form, problem) = await SubmitForm.ReadAsync(http, directory);
            await PageAnswers.SendAsync(http, form is null ? problem! : await answerAsync(http, directory, form));
        }
        finally
        {
            if (!Uploads.IsKept(directory))
                DirectoryTree.Remove(directory);
        }
    }

    /// <summary>Keeps one file until the form comes. A source package is checked at once, with what has come before it.</summary>
    private Task<IResult> KeepAsync(HttpContext http, string directory, SubmitForm form) =>
        Task.FromResult(Keep(http, directory, form));

    private IResult Keep(HttpContext http, string directory, SubmitForm form)
    {
        if (form.Files is not [var name])
            return Answers.BadRequest("expected one file");
        var account = AccessGate.VisitorOf(http).Account!;
        if (Check(account, directory, name, form.Uploads, http.RequestAborted) is { } fault)
            return Answers.Json(new(null, fault, Checked: true), ApiJson.Default.TakenFileJson);
        return submissions.Uploads.Keep(account, directory, name) is { } upload
            ? Answers.Json(new(upload.Id, null, Submissions.IsMain(name)), ApiJson.Default.TakenFileJson)
            : Answers.TooMuch(Uploads.TooMany);
    }

    private string? Check(
        string account,
        string directory,
        string name,
        IReadOnlyList<string> others,
        CancellationToken cancel
    )
    {
        if (!Submissions.IsMain(name))
            return null;
        var beside = submissions.Uploads.NewDirectory();
        try
        {
            var files = others
                .Select(id => submissions.Uploads.Find(account, id))
                .Where(file => file is { IsComplete: true })
                .OfType<UploadedFile>();
            Uploads.Gather(files.Where(file => file.Name != name).DistinctBy(file => file.Name), beside);
            Uploads.Link(Path.Combine(directory, name), beside);
            return Submissions.FaultOf(Path.Combine(beside, name), cancel);
        }
        finally
        {
            DirectoryTree.Remove(beside, CancellationToken.None);
        }
    }

    private async Task<IResult> PlaceAsync(HttpContext http, string directory, SubmitForm form)
    {
        var account = AccessGate.VisitorOf(http).Account!;
        var values = SubmitValues.Of(form);
        var uploads = form.Uploads.Select(id => submissions.Uploads.Find(account, id)).ToList();
        if (uploads.Exists(file => file is not { IsComplete: true }))
            return Answers.NotFound(
                "a file that had come was removed, for nothing was done with it for a day: choose the files again at /submit"
            );
        var names = form.Files.Concat(uploads.Select(file => file!.Name)).ToList();
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            return new Again(this, values, [$"two files are named {twice.Key}; submit them as two jobs"]);
        Uploads.Gather(uploads!, directory);
        var id = JobId.New().ToString();
        // Noted first, and nothing that can fail comes after the job: as by the API.
        await farm.Registry.AddAuditAsync(account, "submit", id, http.RequestAborted);
        var placed = await submissions.PlaceAsync(account, directory, names, values.Request(id), http.RequestAborted);
        if (placed.Job is not { } job)
            return new Again(this, values, placed.Trouble);
        foreach (var file in form.Uploads.Concat(form.Unused).Select(id => submissions.Uploads.Find(account, id)))
            if (file is not null)
                submissions.Uploads.Remove(file);
        return new SeeOther($"/jobs/{job.Id}");
    }

    /// <summary>The page again, with what was asked for, and what is wrong with it.</summary>
    private sealed class Again(SubmitPages pages, SubmitValues values, IReadOnlyList<string> trouble) : IResult
    {
        public Task ExecuteAsync(HttpContext http) => pages.ShowAsync(http, values, trouble);
    }
}
