using System.Globalization;
using System.Text;

namespace PkgForge.Registry;

/// <summary>Names of states and times as people read them: <c>needs build</c>, <c>partially failed</c>.</summary>
public static class Words
{
    /// <summary>A job's state: <c>partially failed</c>.</summary>
    public static string Of(JobState state) => Split(state.ToString(), ' ');

    /// <summary>A task's state: <c>needs build</c>.</summary>
    public static string Of(BuildTaskState state) => Split(state.ToString(), ' ');

    /// <summary>An attempt's outcome: <c>farm fault</c>.</summary>
    public static string Of(AttemptOutcome outcome) => Split(outcome.ToString(), ' ');

    /// <summary>An account's role: <c>submitter</c>.</summary>
    public static string Of(AccountRole role) => Split(role.ToString(), ' ');

    /// <summary>A time by this machine's clock; <c>never</c> for none.</summary>
    public static string Of(DateTimeOffset? time) =>
        time is { } known ? known.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "never";

    /// <summary>How long something took: <c>4.2s</c>, <c>12m05s</c>, <c>3h20m</c>.</summary>
    public static string Of(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{(int)time.TotalHours}h{time.Minutes:00}m"
        : time.TotalMinutes >= 1 ? $"{time.Minutes}m{time.Seconds:00}s"
        : $"{time.TotalSeconds:0.0}s";

    /// <summary>Why a task waits, as one word: <c>no-builder</c>.</summary>
    public static string Of(WaitReason reason) => Split(reason.ToString(), '-');

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

    /// <summary>A value of any other enumeration, in words.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Split(value.ToString(), ' ');

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
