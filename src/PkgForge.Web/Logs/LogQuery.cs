using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace PkgForge.Web.Logs;

/// <summary>Which part of a log a page is asked for.</summary>
/// <param name="Line">A line that is to be in it; null for the end.</param>
/// <param name="Search">A text to look for; null for none.</param>
/// <param name="From">The first line in which it is looked for.</param>
internal sealed record LogQuery(long? Line, string? Search, long From = 1)
{
    private const int LongestSearch = 200;

    public static LogQuery Of(HttpContext http)
    {
        var line = Number(http, "line");
        var search = http.Request.Query["q"].ToString();
        return new(line, search.Length is > 0 and <= LongestSearch ? search : null, Number(http, "from") ?? 1);
    }

    /// <summary>The number of a line; null when the address has none of this name.</summary>
    public static long? Number(HttpContext http, string name) =>
        long.TryParse(
            http.Request.Query[name].ToString(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? Math.Max(1, number)
            : null;
}
