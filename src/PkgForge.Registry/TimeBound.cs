using System.Globalization;

namespace PkgForge.Registry;

/// <summary>Reads from when or until when something is asked for: a day, or a time.</summary>
public static class TimeBound
{
    /// <summary>What is read, for messages.</summary>
    public const string Rule = "a day as 2026-11-22, or a time as 2026-11-22T18:00:00Z";

    private const string Day = "yyyy-MM-dd";

    /// <summary>Other years are slips, and not every database knows them.</summary>
    private const int FirstYear = 1970;

    private const int LastYear = 2999;

    private static readonly string[] Times =
    [
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mmK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>A time; of a day its beginning, or for an end that of the next one. Null for anything else.</summary>
    /// <param name="text">The words.</param>
    /// <param name="end">Until when, and not from when.</param>
    /// <param name="zone">Whose days they are; a time without a zone is of this one, too.</param>
    public static DateTimeOffset? Parse(string text, bool end, TimeZoneInfo zone)
    {
        if (DateOnly.TryParseExact(text, Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return day.Year is >= FirstYear and <= LastYear ? Of(day.AddDays(end ? 1 : 0), zone) : null;
        if (
            !DateTime.TryParseExact(
                text,
                Times,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal,
                out var time
            )
        )
            return null;
        return time.Year is < FirstYear or > LastYear ? null
            : time.Kind == DateTimeKind.Unspecified ? new(time, zone.GetUtcOffset(time))
            : new(time);
    }

    private static DateTimeOffset Of(DateOnly day, TimeZoneInfo zone)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        return new(midnight, zone.GetUtcOffset(midnight));
    }
}
