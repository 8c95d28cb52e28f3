using System.Globalization;
using System.Text;
using PkgForge.Registry;
using PkgForge.Server.Builds;

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

    public static string Of(WaitReason reason) => Split(reason.ToString(), '-');

    public static string Of(Likeness likeness) => Split(likeness.ToString(), '-');

    /// <summary>When something will be, about: <c>about 14:32 (in 12 min)</c>.</summary>
    public static string About(DateTimeOffset time, DateTimeOffset now)
    {
        var (then, today) = (time.ToLocalTime(), now.ToLocalTime().Date);
        var form = then.Date == today ? "HH:mm" : "yyyy-MM-dd HH:mm";
        return $"about {then.ToString(form, CultureInfo.InvariantCulture)} (in {Roughly(time - now)})";
    }

    /// <summary>How long something will take, no more exactly than anybody can know: <c>40 s</c>, <c>12 min</c>, <c>2 h 40 min</c>.</summary>
    public static string Roughly(TimeSpan time)
    {
        var (seconds, minutes) = (Math.Round(time.TotalSeconds), (int)Math.Round(time.TotalMinutes));
        return seconds < 2 ? "a second"
            : seconds < 100 ? $"{seconds} s"
            : minutes < 100 ? $"{minutes} min"
            : minutes < 600 ? $"{minutes / 60} h {minutes % 60} min"
            : time.TotalHours < 48 ? $"{Math.Round(time.TotalHours)} h"
            : $"{Math.Round(time.TotalDays)} days";
    }

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
