using System.Globalization;
using System.Text;
using PkgForge.Registry;

namespace PkgForge.Cli;

/// <summary>Names of states and times as people read them: <c>needs build</c>, <c>partially failed</c>.</summary>
internal static class Words
{
    public static string Of(JobState state) => Split(state.ToString(), ' ');

    public static string Of(BuildTaskState state) => Split(state.ToString(), ' ');

    public static string Of(AttemptOutcome outcome) => Split(outcome.ToString(), ' ');

    public static string Of(DateTimeOffset? time) =>
        time is { } known ? known.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "never";

    public static string Of(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{(int)time.TotalHours}h{time.Minutes:00}m"
        : time.TotalMinutes >= 1 ? $"{time.Minutes}m{time.Seconds:00}s"
        : $"{time.TotalSeconds:0.0}s";

    private static string Split(string name, char separator)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
                text.Append(separator);
            text.Append(char.ToLowerInvariant(letter));
        }
        return text.ToString();
    }
}
