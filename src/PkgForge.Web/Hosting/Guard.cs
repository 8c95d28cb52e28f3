using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Web.Hosting;

/// <summary>Turns what stops a request into an answer that says so.</summary>
internal static class Guard
{
    public static Func<RequestDelegate, RequestDelegate> Around(ILogger log) =>
        next =>
            async http =>
            {
                try
                {
                    await next(http);
                    await FillInAsync(http);
                }
                catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
                {
                    // The caller is gone: there is nobody to answer.
                }
                catch (Exception e) when (!http.Response.HasStarted && AnswerTo(http, e) is { } answer)
                {
                    if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError || e is FarmFaultException)
                        log.RequestFailed(http.Request.Method, http.Request.Path, e.Message);
                    await answer.ExecuteAsync(http);
                }
            };

    // What is not in this list is a fault of the program; Kestrel logs it with its stack, and answers 500.
    private static IResult? AnswerTo(HttpContext http, Exception e) =>
        e switch
        {
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Answers.TooMuch(
                "the body is larger than this request may have"
            ),
            BadHttpRequestException bad => Answers.Problem(
                bad.StatusCode,
                ProblemTypes.BadRequest,
                "bad request",
                bad.Message
            ),
            FarmUnavailableException => Answers.Unavailable(http, e.Message),
            OperationCanceledException => Answers.Unavailable(http, "the server is being stopped"),
            LeaseLostException => Answers.LeaseLost,
            BuilderRefusedException => Answers.Refused(e.Message),
            FarmFaultException or IOException or UnauthorizedAccessException => Answers.FarmFault(e.Message),
            _ => null,
        };

    /// <summary>A path or a method that there is not: the framework only says so by a number.</summary>
    private static Task FillInAsync(HttpContext http)
    {
        var status = http.Response.StatusCode;
        if (
            http.Response.HasStarted
            || status < StatusCodes.Status400BadRequest
            || http.Response.ContentType is not null
        )
            return Task.CompletedTask;
        var title = ReasonPhrases.GetReasonPhrase(status).ToLowerInvariant();
        var type = status == StatusCodes.Status404NotFound ? ProblemTypes.NotFound : ProblemTypes.BadRequest;
        return Answers
            .Problem(status, type, title, $"there is no {http.Request.Method} {http.Request.Path} here")
            .ExecuteAsync(http);
    }
}
