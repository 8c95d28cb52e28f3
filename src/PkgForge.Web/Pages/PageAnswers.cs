using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>Answers as pages, where a browser asks.</summary>
internal static class PageAnswers
{
    private const string MediaType = "text/html; charset=utf-8";

    /// <summary>A problem as a page for browsers, as it is for scripts.</summary>
    public static Task SendAsync(HttpContext http, IResult answer)
    {
        if (answer is not JsonHttpResult<Problem> { Value: { } problem } || !Prefers.Pages(http))
            return answer.ExecuteAsync(http);
        // Before the gate, or where it failed, nobody is known.
        http.Items.TryAdd(typeof(Visitor), new Visitor(null, AnonymousLooks: false, null));
        var title = problem.Title.Length > 0 ? $"{char.ToUpperInvariant(problem.Title[0])}{problem.Title[1..]}" : "";
        http.Response.StatusCode = problem.Status;
        return WriteAsync(http, ProblemPage.Create(new(new(http, title), problem.Status, title, problem.Detail)));
    }

    /// <summary>Writes a page. One that was found has an entity tag: the script that keeps it up to date asks by it.</summary>
    public static async Task WriteAsync(HttpContext http, RazorSlices.RazorSlice page)
    {
        if (!HttpMethods.IsGet(http.Request.Method) || http.Response.StatusCode != StatusCodes.Status200OK)
        {
            http.Response.ContentType = MediaType;
            await page.RenderAsync(http.Response.BodyWriter, cancellationToken: http.RequestAborted);
            return;
        }
        using var text = new MemoryStream();
        var writer = PipeWriter.Create(text, new(leaveOpen: true));
        await page.RenderAsync(writer, cancellationToken: http.RequestAborted);
        await writer.CompleteAsync();
        await EntityTags.SendAsync(http, MediaType, text.GetBuffer().AsMemory(0, (int)text.Length));
    }
}

/// <summary>The page to look at after a form was sent (RFC 9110, 15.4.4): a reload sends nothing twice.</summary>
internal sealed class SeeOther(string path) : IResult
{
    public Task ExecuteAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = path;
        return Task.CompletedTask;
    }
}
