using System.Globalization;
using PkgForge.Registry;

namespace PkgForge.Web.Pages;

/// <summary>How pages write things.</summary>
public static class Show
{
    private const long Unit = 1024;

    /// <summary>A time for people: UTC, to the minute.</summary>
    public static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A time for programs (RFC 3339).</summary>
    public static string Stamp(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>How long ago something was: <c>just now</c>, <c>4 min ago</c>.</summary>
    public static string Ago(DateTimeOffset time, DateTimeOffset now) =>
        now - time < TimeSpan.FromSeconds(10) ? "just now" : $"{Words.Roughly(now - time)} ago";

    /// <summary>The CSS class of a state: its name with dashes.</summary>
    public static string Class(string state) => state.Replace(' ', '-');

    /// <summary>A day (UTC).</summary>
    public static string Day(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The beginning of an hour (UTC).</summary>
    public static string Hour(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("HH':00'", CultureInfo.InvariantCulture);

    /// <summary>How long something took; a dash where nothing did.</summary>
    public static string Taken(TimeSpan? time) => time is { } known ? Words.Of(known) : "–";

    /// <summary>A part of a whole; a dash where there is no whole.</summary>
    public static string Percent(double? part) =>
        part is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known * 100:0.#} %") : "–";

    /// <summary>What attempts came to, in the order of <see cref="Plot.Ends"/>.</summary>
    public static IReadOnlyList<long> Values(EndCounts ends) => [ends.Success, ends.Fail, ends.Cancelled, ends.Faults];

    /// <summary>The address of an attempt's page.</summary>
    public static string Address(Publisher attempt) => $"/jobs/{attempt.Job}/{attempt.Platform}/{attempt.Attempt}";

    /// <summary>The address of a source package's page.</summary>
    public static string PackageAddress(string name) => $"/packages/{Uri.EscapeDataString(name)}";

    /// <summary>A size for people: <c>812 B</c>, <c>4.1 MiB</c>.</summary>
    public static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var (size, unit) = ((double)bytes, 0);
        while (size >= Unit && unit < units.Length - 1)
            (size, unit) = (size / Unit, unit + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {units[unit]}");
    }
}
