using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Access;

namespace PkgForge.Web.Pages;

/// <summary>Answers as pages, where a browser asks.</summary>
internal static class PageAnswers
{
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

    /// <summary>Writes a page.</summary>
    public static Task WriteAsync(HttpContext http, RazorSlices.RazorSlice page)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        return page.RenderAsync(http.Response.BodyWriter, cancellationToken: http.RequestAborted).AsTask();
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
