using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Administration;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>What all routes for administrators have in common.</summary>
internal static class AdminRoutes
{
    /// <summary>Whoever asks, as one who changes the farm: what he does is noted under his name.</summary>
    public static FarmAdministration By(this ServedFarm farm, HttpContext http) =>
        new(farm.Registry, farm.Buckets, AccessGate.VisitorOf(http).Account);

    /// <summary>Adds a route.</summary>
    public static void MapAdmin(
        this IEndpointRouteBuilder routes,
        string method,
        string path,
        ApiOperation about,
        Func<HttpContext, Task<IResult>> answer,
        Rule rule = Rule.Admin
    ) => routes.MapApi(method, path, rule, about, http => AnswerAsync(http, answer));

    /// <summary>Nothing when it was done; else why not.</summary>
    public static IResult Done(Refusal? refusal) => refusal is null ? Answers.NoContent : Problem(refusal);

    /// <summary>What it has come to; or why not.</summary>
    public static IResult Done<T, TAnswer>(Answer<T> answer, Func<T, TAnswer> show, JsonTypeInfo<TAnswer> type) =>
        answer.Refusal is { } refusal ? Problem(refusal) : Answers.Json(show(answer.Value), type);

    /// <summary>Why it was not done.</summary>
    public static IResult Problem(Refusal refusal) =>
        refusal.Kind switch
        {
            RefusalKind.Wrong => Answers.BadRequest(refusal.Message),
            RefusalKind.Missing => Answers.NotFound(refusal.Message),
            _ => Answers.Conflict(refusal.Message),
        };

    /// <summary>So many seconds, or what is usual.</summary>
    public static TimeSpan Seconds(long? seconds, TimeSpan usual) =>
        seconds is not { } given
            ? usual
            // More than any rule lets pass, and yet a time.
            : TimeSpan.FromSeconds(Math.Clamp(given, 0, (long)TimeSpan.FromDays(36_500).TotalSeconds));

    /// <summary>The platform of a text; or that it is none.</summary>
    public static (PlatformKey Key, IResult? Problem) Platform(string text) =>
        PlatformKey.TryParse(text, out var key)
            ? (key, null)
            : (default, Answers.BadRequest($"'{text}' is no platform: expected {PlatformKey.Rule}"));

    /// <summary>The address by which others reach this server: the configured one, or the one by which whoever asks has reached it.</summary>
    public static Uri? AddressOf(ServedFarm farm, HttpContext http) =>
        farm.Url is { } url ? url
        : Uri.TryCreate($"{http.Request.Scheme}://{http.Request.Host}", UriKind.Absolute, out var asked) ? asked
        : null;

    /// <summary>The role of a word; null for none.</summary>
    public static AccountRole? Role(string word) =>
        Array.FindAll(Enum.GetValues<AccountRole>(), role => Words.Of(role) == word) is [var found] ? found : null;

    /// <summary>What is expected of a role.</summary>
    public const string Roles = "viewer, submitter or admin";

    private static async Task<IResult> AnswerAsync(HttpContext http, Func<HttpContext, Task<IResult>> answer)
    {
        try
        {
            return await answer(http);
        }
        catch (UnauthorizedAccessException e)
        {
            // The database's own rules: they go before those of the farm (docs/admin/postgresql.md).
            return Answers.Forbidden(e.Message);
        }
    }
}
