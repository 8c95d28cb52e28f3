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
