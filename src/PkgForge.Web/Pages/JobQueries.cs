using Microsoft.AspNetCore.Http;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>Which jobs to list, as addresses say it.</summary>
internal static class JobQueries
{
    /// <summary>What the address asks for; null and the answer when it is not well formed.</summary>
    public static JobQuery? Read(HttpContext http, int limit, out IResult? problem)
    {
        var (submitter, state, after) = (Value(http, "submitter"), Value(http, "state"), Value(http, "after"));
        JobId? last = after is not null && JobId.TryParse(after, out var id) ? id : null;
        JobState? wanted = state is null ? null : ParseState(state);
        problem =
            after is not null && last is null ? Answers.BadRequest($"'after' is no job's id: {after}")
            : state is not null && wanted is null
                ? Answers.BadRequest($"'state' is none of {string.Join(", ", States.Select(Name))}")
            : null;
        return problem is null ? new(submitter, wanted, limit, last) : null;
    }

    /// <summary>The address of a list.</summary>
    public static string Address(JobQuery query)
    {
        var parts = new List<string>();
        if (query.Submitter is { } submitter)
            parts.Add($"submitter={Uri.EscapeDataString(submitter)}");
        if (query.State is { } state)
            parts.Add($"state={Name(state)}");
        if (query.After is { } after)
            parts.Add($"after={after}");
        return parts.Count == 0 ? "/jobs" : $"/jobs?{string.Join('&', parts)}";
    }

    private static IEnumerable<JobState> States =>
        Enum.GetValues<JobState>().Where(state => state != JobState.Incoming);

    private static string Name(JobState state) => Show.Class(Words.Of(state));

    private static JobState? ParseState(string text) =>
        States.Where(state => Name(state) == text).Select(state => (JobState?)state).FirstOrDefault();

    private static string? Value(HttpContext http, string name) =>
        http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;
}
