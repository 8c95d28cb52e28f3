using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace PkgForge.Web.Hosting;

/// <summary>How many things of a list are asked for.</summary>
internal static class PageSize
{
    public const int Usual = 50;
    public const int Largest = 1000;

    /// <summary>What <c>limit</c> says; 0 and the answer when it says nothing that makes sense.</summary>
    public static int Read(HttpContext http, out IResult? problem)
    {
        problem = null;
        var asked = http.Request.Query["limit"].ToString();
        if (asked.Length == 0)
            return Usual;
        if (
            int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            && limit is >= 1 and <= Largest
        )
            return limit;
        problem = Answers.BadRequest($"'limit' is a number from 1 to {Largest}, not '{asked}'");
        return 0;
    }
}
