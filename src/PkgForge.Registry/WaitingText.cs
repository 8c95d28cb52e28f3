using PkgForge.Registry.Views;

namespace PkgForge.Registry;

/// <summary>Why tasks wait, as people and scripts are told.</summary>
public static class WaitingText
{
    /// <summary>What begins this soon begins now: nobody wants to read of seconds.</summary>
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(10);

    /// <summary>Reasons, those first about which somebody may have to do something.</summary>
    private static readonly WaitReason[] Worst =
    [
        WaitReason.NoBuilder,
        WaitReason.PlatformInactive,
        WaitReason.RefusedByAll,
        WaitReason.AfterOthers,
        WaitReason.Cap,
        WaitReason.TasksBefore,
        WaitReason.Next,
    ];

    /// <summary>A task's line: why, until when, how long it will take. The registry's time goes before this machine's.</summary>
    public static string Line(Waiting waiting, DateTimeOffset now) => Line(WaitingJson.Of(waiting), waiting.Now ?? now);

    /// <summary>The same of what a server has told.</summary>
    public static string Line(WaitingJson waiting, DateTimeOffset now)
    {
        now = waiting.Now ?? now;
        List<string> parts = [waiting.Details];
        if (waiting.Start is { } start && start - now > Now)
            parts.Add($"begins {Words.About(start, now)}");
        else if (waiting.Start is not null && waiting.Reason == Word(WaitReason.TasksBefore))
            parts.Add("begins any moment");
        if (waiting.EstimateSeconds is { } estimate)
            parts.Add($"takes about {Words.Roughly(TimeSpan.FromSeconds(estimate))}");
        return string.Join("; ", parts);
    }

    /// <summary>The one of a job's waiting tasks about which somebody may have to do something; null if none waits.</summary>
    public static Waiting? Foremost(IReadOnlyList<Waiting> waiting) =>
        waiting
            .OrderBy(task => Array.IndexOf(Worst, task.Reason))
            .ThenByDescending(task => task.Before)
            .FirstOrDefault();

    /// <summary>What a job waits for, in the few words of a list; with the platform where others of its tasks do not.</summary>
    public static string Short(JobState job, IReadOnlyList<Waiting> waiting)
    {
        if (Foremost(waiting) is not { } task)
            return "";
        var others = job == JobState.Building || waiting.Any(other => other.Reason != task.Reason);
        return others ? $"{Short(task)} ({task.Platform})" : Short(task);
    }

    /// <summary>The word for a reason, for scripts.</summary>
    public static string Word(WaitReason reason) => Words.Of(reason);

    private static string Short(Waiting task) =>
        task.Reason switch
        {
            WaitReason.Next => "its turn: next",
            WaitReason.TasksBefore => $"its turn: {task.Before} before it",
            WaitReason.NoBuilder => "a builder",
            WaitReason.PlatformInactive => "its platform: not active",
            WaitReason.Cap => "its turn: cap reached",
            WaitReason.RefusedByAll => "a builder: refused by all",
            _ => "other jobs",
        };
}
