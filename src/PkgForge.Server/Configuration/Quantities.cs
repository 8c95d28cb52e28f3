using System.Globalization;

namespace PkgForge.Server.Configuration;

/// <summary>Times and sizes as people write them: <c>30s 5m 4h 1d</c>, <c>512M 6G</c>.</summary>
public static class Quantities
{
    private static readonly Dictionary<char, double> Seconds = new()
    {
        ['s'] = 1,
        ['m'] = 60,
        ['h'] = 3600,
        ['d'] = 86400,
    };

    // Powers of 1024, as dd and mount understand them.
    private static readonly Dictionary<char, double> Bytes = new()
    {
        ['K'] = 1 << 10,
        ['M'] = 1 << 20,
        ['G'] = 1 << 30,
        ['T'] = 1L << 40,
    };

    /// <summary>A time; null when it is not one.</summary>
    public static TimeSpan? Time(string text) =>
        Number(text, Seconds) is { } seconds and > 0 and < 3e8 ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>A number of bytes; null when it is not one.</summary>
    public static long? Size(string text) => Number(text, Bytes) is { } bytes and >= 0 and < 1e18 ? (long)bytes : null;

    private static double? Number(string text, Dictionary<char, double> units)
    {
        var scale = 1.0;
        var digits = text.Length > 0 && units.TryGetValue(text[^1], out scale) ? text[..^1] : text;
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number * (scale == 0 ? 1 : scale)
            : null;
    }
}
