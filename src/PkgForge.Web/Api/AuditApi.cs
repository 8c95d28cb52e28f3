using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>What was done over HTTP: <c>GET /api/v1/audit</c>. Pages ask for it in the same words.</summary>
internal sealed class AuditApi(ServedFarm farm)
{
    public const int UsualPage = 50;
    public const int LargestPage = 1000;

    public void Map(IEndpointRouteBuilder routes) => routes.MapAdmin("GET", "/audit", FarmOperations.Audit, ListAsync);

    /// <summary>What the address asks for; null where it makes no sense.</summary>
    public static AuditQuery? Read(HttpContext http, int usual = UsualPage)
    {
        var (before, limit) = (Number(http, "before", long.MaxValue), Number(http, "limit", usual));
        if (before < 0 || limit is < 1 or > LargestPage)
            return null;
        return new(
            before == long.MaxValue ? null : before,
            (int)limit,
            Text(http, "account"),
            Text(http, "action"),
            Text(http, "subject")
        );
    }

    private async Task<IResult> ListAsync(HttpContext http)
    {
        if (Read(http) is not { } query)
            return Answers.BadRequest(
                $"'before' is the number of an entry, and 'limit' a number from 1 to {LargestPage}"
            );
        var page = await farm.Registry.FindAuditAsync(query, http.RequestAborted);
        var next = page.Next is { } before
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"/api/v1/audit{AuditQueries.Address(query with { Before = before })}&limit={query.AtMost}"
            )
            : null;
        Answers.NextPage(http, next);
        return Answers.Json(
            new([.. page.Entries.Select(AuditJson.Of)], page.Next, next),
            AdminJson.Default.AuditAnswer
        );
    }

    /// <summary>-1 for what is none.</summary>
    private static long Number(HttpContext http, string name, long usual)
    {
        var text = http.Request.Query[name].ToString();
        return text.Length == 0 ? usual
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : -1;
    }

    private static string? Text(HttpContext http, string name) =>
        http.Request.Query[name].ToString().Trim() is { Length: > 0 } text ? text : null;
}
