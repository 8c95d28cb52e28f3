using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Pages;

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
                    // Without the query, which may be a secret.
                    log.Answered(http.Request.Method, http.Request.Path, http.Response.StatusCode);
                }
                catch (Exception e)
                    when (e is OperationCanceledException or IOException && http.RequestAborted.IsCancellationRequested)
                {
                    // The caller is gone: there is nobody to answer.
                }
                catch (Exception e) when (!http.Response.HasStarted && AnswerTo(http, e) is { } answer)
                {
                    if (e is IOException and not BadHttpRequestException || IsFault(answer))
                        log.RequestFailed(http.Request.Method, http.Request.Path, e.Message);
                    // That of a file which was to be sent.
                    http.Response.ContentLength = null;
                    await PageAnswers.SendAsync(http, answer);
                }
            };

    private static bool IsFault(IResult answer) =>
        answer is IStatusCodeHttpResult { StatusCode: StatusCodes.Status500InternalServerError };

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
            OperationCanceledException => Answers.Unavailable(
                http,
                "a later request took this one's place, or the server is being stopped"
            ),
            LeaseLostException => Answers.LeaseLost,
            BuilderRefusedException => Answers.Refused(e.Message),
            FarmFaultException or FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException =>
                Answers.FarmFault(e.Message),
            // A disk that is full, or fails, is no fault of the builder that has met it: builders wait, and keep their tasks.
            IOException => Answers.Unavailable(http, e.Message),
            _ => null,
        };

    /// <summary>A path, a method or a part that there is not: the framework only says so by a number.</summary>
    private static Task FillInAsync(HttpContext http)
    {
        var status = http.Response.StatusCode;
        if (status == StatusCodes.Status416RangeNotSatisfiable && !http.Response.HasStarted)
        {
            // The head is that of the file.
            (http.Response.ContentLength, http.Response.ContentType) = (null, null);
            return PageAnswers.SendAsync(http, Answers.NoSuchRange);
        }
        if (
            http.Response.HasStarted
            || status < StatusCodes.Status400BadRequest
            || http.Response.ContentType is not null
        )
            return Task.CompletedTask;
        var title = ReasonPhrases.GetReasonPhrase(status).ToLowerInvariant();
        var type = status == StatusCodes.Status404NotFound ? ProblemTypes.NotFound : ProblemTypes.BadRequest;
        return PageAnswers.SendAsync(
            http,
            Answers.Problem(status, type, title, $"there is no {http.Request.Method} {http.Request.Path} here")
        );
    }
}
