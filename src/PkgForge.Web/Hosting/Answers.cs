using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Web.Hosting;

/// <summary>What requests are answered with.</summary>
internal static class Answers
{
    /// <summary>How long a caller waits before it asks again a farm that is away. Seconds.</summary>
    private const int RetryAfter = 2;

    /// <summary>Requests are counted by the minute. Seconds.</summary>
    private const int Window = 60;

    public static IResult NoContent { get; } = TypedResults.NoContent();

    public static IResult Json<T>(T value, JsonTypeInfo<T> type) => new JsonAnswer<T>(value, type);

    /// <summary>Says in the head where the list goes on (RFC 8288).</summary>
    /// <param name="http">The request.</param>
    /// <param name="address">Where; null when it does not.</param>
    public static void NextPage(HttpContext http, string? address)
    {
        if (address is not null)
            http.Response.Headers.Link = $"<{address}>; rel=\"next\"";
    }

    public static IResult Length(long length) => Json(new LengthAnswer(length), WireJson.Default.LengthAnswer);

    public static IResult BadRequest(string detail) =>
        Problem(StatusCodes.Status400BadRequest, ProblemTypes.BadRequest, "bad request", detail);

    public static IResult NotFound(string detail) =>
        Problem(StatusCodes.Status404NotFound, ProblemTypes.NotFound, "not found", detail);

    public static IResult TooMuch(string detail) =>
        Problem(StatusCodes.Status413PayloadTooLarge, ProblemTypes.TooMuch, "too large", detail);

    public static IResult TooManyRequests(HttpContext http, string detail)
    {
        http.Response.Headers.RetryAfter = $"{Window}";
        return Problem(
            StatusCodes.Status429TooManyRequests,
            ProblemTypes.TooMuch,
            "too many requests",
            $"{detail}: try again in a minute"
        );
    }

    public static IResult NoSuchRange { get; } =
        Problem(
            StatusCodes.Status416RangeNotSatisfiable,
            ProblemTypes.BadRequest,
            "no such part",
            "the file has no bytes there: the header 'Content-Range' says how many it has"
        );

    public static IResult NotAsAnnounced(string detail) =>
        Problem(
            StatusCodes.Status422UnprocessableEntity,
            ProblemTypes.NotAsAnnounced,
            "not what was announced",
            detail
        );

    public static IResult WrongOffset(long offset, long length) =>
        Problem(
            new(
                ProblemTypes.WrongOffset,
                "wrong offset",
                StatusCodes.Status409Conflict,
                $"the bytes begin at {offset}, but the farm has {length}: go on from there",
                length
            )
        );

    /// <summary>One answer for a lease of yesterday, a task that has ended and a task of others: it tells nothing about any of them.</summary>
    public static IResult LeaseLost { get; } =
        Problem(
            StatusCodes.Status409Conflict,
            ProblemTypes.LeaseLost,
            "not your task",
            "this builder does not hold this task under this lease (any more): stop, throw the work away, and claim again"
        );

    public static IResult Refused(string detail) =>
        Problem(StatusCodes.Status403Forbidden, ProblemTypes.Refused, "builder refused", detail);

    public static IResult Conflict(string detail) =>
        Problem(StatusCodes.Status409Conflict, ProblemTypes.BadRequest, "conflict", detail);

    public static IResult Forbidden(string detail) =>
        Problem(StatusCodes.Status403Forbidden, ProblemTypes.Refused, "not allowed", detail);

    public static IResult FarmFault(string detail) =>
        Problem(StatusCodes.Status500InternalServerError, ProblemTypes.FarmFault, "the farm failed", detail);

    public static IResult Unavailable(HttpContext http, string detail)
    {
        http.Response.Headers.RetryAfter = $"{RetryAfter}";
        return Problem(
            StatusCodes.Status503ServiceUnavailable,
            ProblemTypes.Unavailable,
            "the farm cannot be reached",
            $"{detail}; ask again in {RetryAfter} s"
        );
    }

    public static IResult Problem(int status, string type, string title, string detail) =>
        Problem(new(type, title, status, detail));

    private static JsonHttpResult<Problem> Problem(Problem problem) =>
        TypedResults.Json(problem, WireJson.Default.Problem, "application/problem+json", problem.Status);
}
