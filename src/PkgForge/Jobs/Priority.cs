namespace PkgForge.Jobs;

/// <summary>How soon a job's tasks are to be built.</summary>
public enum Priority
{
    /// <summary>When nothing else waits.</summary>
    Background = -1,

    Normal = 0,

    /// <summary>Before all others.</summary>
    Urgent = 1,
}

/// <summary>The words for priorities, as they stand in manifests and on the command line.</summary>
public static class Priorities
{
    /// <summary>What is expected, for messages.</summary>
    public const string Rule = "urgent, normal or background";

    /// <summary>The word for a priority.</summary>
    public static string Name(this Priority priority) =>
        priority switch
        {
            Priority.Urgent => "urgent",
            Priority.Normal => "normal",
            Priority.Background => "background",
            _ => throw new ArgumentOutOfRangeException(nameof(priority), priority, "no such priority"),
        };

    /// <summary>The priority of a word. Returns false if there is none.</summary>
    public static bool TryParse(string word, out Priority priority)
    {
        (priority, var known) = word switch
        {
            "urgent" => (Priority.Urgent, true),
            "normal" => (Priority.Normal, true),
            "background" => (Priority.Background, true),
            _ => (Priority.Normal, false),
        };
        return known;
    }
}
