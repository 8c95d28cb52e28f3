using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace PkgForge.Web.Logs;

/// <summary>Which part of a log a page is asked for.</summary>
/// <param name="Line">A line that is to be in it; null for the end.</param>
/// <param name="Search">A text to look for; null for none.</param>
internal sealed record LogQuery(long? Line, string? Search)
{
    private const int LongestSearch = 200;

    public static LogQuery Of(HttpContext http)
    {
        var query = http.Request.Query;
        var line = long.TryParse(
            query["line"].ToString(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? Math.Max(1, number)
            : (long?)null;
        var search = query["q"].ToString();
        return new(line, search.Length is > 0 and <= LongestSearch ? search : null);
    }
}
