using Microsoft.AspNetCore.Http;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>Which jobs to list, as addresses say it.</summary>
internal static class JobQueries
{
    /// <summary>What can be asked for, and stays in the address of the next page.</summary>
    private static readonly string[] Keys =
    [
        "submitter",
        "source",
        "bucket",
        "platform",
        "state",
        "from",
        "to",
        "limit",
    ];

    private const int Longest = 200;

    /// <summary>Names of states, as addresses have them.</summary>
    public static IEnumerable<string> StateNames => States.Select(Name);

    private static IEnumerable<JobState> States =>
        Enum.GetValues<JobState>().Where(state => state != JobState.Incoming);

    /// <summary>What the address asks for; null and the answer when it is not well formed.</summary>
    public static JobQuery? Read(HttpContext http, int limit, out IResult? problem)
    {
        var trouble = Keys.Where(key => Value(http, key)?.Length > Longest)
            .Select(key => $"'{key}' is longer than {Longest} characters")
            .FirstOrDefault();
        T? Parse<T>(string key, Func<string, T?> parse, string rule)
            where T : struct
        {
            if (Value(http, key) is not { } text || trouble is not null)
                return null;
            var value = parse(text);
            if (value is null)
                trouble = $"'{key}' is '{text}'; expected {rule}";
            return value;
        }
        var query = new JobQuery(
            Value(http, "submitter"),
            Parse("state", ParseState, $"one of {string.Join(", ", StateNames)}"),
            limit,
            Parse("after", text => JobId.TryParse(text, out var id) ? id : (JobId?)null, "a job's id")
        )
        {
            Source = Value(http, "source"),
            Bucket = Value(http, "bucket"),
            Platform = Parse(
                "platform",
                text => PlatformKey.TryParse(text, out var key) ? key : (PlatformKey?)null,
                "a platform: NAME-ARCHITECTURE"
            ),
            From = Parse("from", text => TimeBound.Parse(text, end: false, TimeZoneInfo.Utc), TimeBound.Rule),
            To = Parse("to", text => TimeBound.Parse(text, end: true, TimeZoneInfo.Utc), TimeBound.Rule),
        };
        problem = trouble is null ? null : Answers.BadRequest(trouble);
        return trouble is null ? query : null;
    }

    /// <summary>The address of the next page: the same question, of jobs before one.</summary>
    public static string Next(HttpContext http, JobId after)
    {
        var asked = Keys.Where(key => Value(http, key) is not null)
            .Select(key => $"{key}={Uri.EscapeDataString(Value(http, key)!)}");
        return $"{http.Request.PathBase}{http.Request.Path}?{string.Join('&', asked.Append($"after={after}"))}";
    }

    /// <summary>A word of the address; null when it is not there, or empty.</summary>
    public static string? Value(HttpContext http, string name) =>
        http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    /// <summary>A state as addresses name it.</summary>
    private static string Name(JobState state) => Show.Class(Words.Of(state));

    private static JobState? ParseState(string text) =>
        States.Where(state => Name(state) == text).Select(state => (JobState?)state).FirstOrDefault();
}
