using PkgForge.Platforms;
using PkgForge.Registry;

namespace PkgForge.Web.Pages;

/// <summary>What the page of the farm shows.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Now">The time.</param>
/// <param name="Building">Builders that build.</param>
/// <param name="Waiting">Jobs that wait, the newest.</param>
/// <param name="MoreWait">There are more of them.</param>
/// <param name="Last">Jobs that have ended, the newest.</param>
/// <param name="Builders">All builders.</param>
/// <param name="Pulse">What waits, and what ended lately.</param>
public sealed record FarmView(
    PageFrame Frame,
    DateTimeOffset Now,
    IReadOnlyList<Builder> Building,
    IReadOnlyList<JobLine> Waiting,
    bool MoreWait,
    IReadOnlyList<JobLine> Last,
    BuilderList Builders,
    PulseView Pulse
);

/// <summary>Builders, as a table shows them.</summary>
/// <param name="Builders">The builders.</param>
/// <param name="Now">The time.</param>
public sealed record BuilderList(IReadOnlyList<Builder> Builders, DateTimeOffset Now)
{
    /// <summary>What forms of an admin carry, who can look after them; null for others.</summary>
    public string? Form { get; init; }

    /// <summary>What a builder does, in one word.</summary>
    public static string StateOf(Builder builder) =>
        builder.Quarantine is not null ? "quarantine"
        : !builder.Running ? "stopped"
        : builder.Current is not null ? "building"
        : builder.Draining ? "draining"
        : "idle";
}

/// <summary>What the page of builders shows.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="List">The builders.</param>
/// <param name="Notice">What was just done; null for nothing.</param>
public sealed record BuildersView(PageFrame Frame, BuilderList List, Notice? Notice);

/// <summary>What the page of platforms shows.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Platforms">All platforms, with the number of their builders that run.</param>
public sealed record PlatformsView(PageFrame Frame, IReadOnlyList<(Platform Platform, int Builders)> Platforms);

/// <summary>What the list of jobs shows.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Jobs">A page of them.</param>
/// <param name="Submitter">Only this submitter's.</param>
/// <param name="State">Only in this state.</param>
/// <param name="Older">The address of the next page; null when this is the last.</param>
public sealed record JobsView(
    PageFrame Frame,
    IReadOnlyList<JobLine> Jobs,
    string? Submitter,
    JobState? State,
    string? Older
);

/// <summary>What the page of a job shows.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Now">The time.</param>
/// <param name="Detail">The job.</param>
/// <param name="Waiting">Why its tasks wait.</param>
/// <param name="Products">What its tasks made.</param>
/// <param name="MayChange">Whether to offer what changes it.</param>
public sealed record JobView(
    PageFrame Frame,
    DateTimeOffset Now,
    JobDetail Detail,
    IReadOnlyDictionary<PlatformKey, Waiting> Waiting,
    IReadOnlyDictionary<PlatformKey, IReadOnlyList<Product>> Products,
    bool MayChange
)
{
    /// <summary>The job's address.</summary>
    public string Address => $"/jobs/{Detail.Job.Id}";

    /// <summary>Some task can still be cancelled.</summary>
    public bool MayCancel =>
        MayChange && Detail.Tasks.Any(task => task.State is BuildTaskState.NeedsBuild or BuildTaskState.Building);

    /// <summary>Some task can be retried.</summary>
    public bool MayRetry => MayChange && Detail.Tasks.Any(IsRetried);

    /// <summary>A retry puts this task back.</summary>
    public static bool IsRetried(BuildTask task) => task.State is BuildTaskState.Fail or BuildTaskState.Cancelled;
}

/// <summary>What the page of an attempt shows.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Job">The job.</param>
/// <param name="Task">The task.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Log">A part of its log; null when there is none (any more).</param>
/// <param name="Files">What was kept of it.</param>
public sealed record AttemptView(
    PageFrame Frame,
    JobSummary Job,
    BuildTask Task,
    Attempt Attempt,
    LogView? Log,
    IReadOnlyList<ResultFile> Files
)
{
    /// <summary>The attempt's address.</summary>
    public string Address => $"/jobs/{Job.Id}/{Task.Platform}/{Attempt.Number}";
}

/// <summary>A file that was kept of an attempt.</summary>
/// <param name="Address">Where it can be had.</param>
/// <param name="Name">Its name.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">What the registry says; null where it says nothing.</param>
public sealed record ResultFile(string Address, string Name, long Size, string? Sha256);

/// <summary>A part of a log.</summary>
/// <param name="Lines">Its lines.</param>
/// <param name="Total">How many lines the log has.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="Stages">The farm's own lines: number and text.</param>
/// <param name="Search">What was looked for; null for nothing.</param>
/// <param name="Hits">Lines that have it.</param>
/// <param name="EvidenceLine">Where the cause of the failure is; null when it is not known.</param>
/// <param name="LiveFrom">The number of the next line, where more are to come; null when none are.</param>
public sealed record LogView(
    IReadOnlyList<ShownLine> Lines,
    long Total,
    long Bytes,
    IReadOnlyList<(long Line, string Text)> Stages,
    string? Search,
    IReadOnlyList<ShownLine> Hits,
    long? EvidenceLine,
    long? LiveFrom
);

/// <summary>A line of a log.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Html">Safe.</param>
/// <param name="IsFarms">It is the farm's own.</param>
public sealed record ShownLine(long Number, string Html, bool IsFarms);

/// <summary>What a page says that is none: what went wrong.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">What it is.</param>
/// <param name="Detail">What to do.</param>
public sealed record ProblemView(PageFrame Frame, int Status, string Title, string Detail);

/// <summary>The page to log in.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="To">Where to go afterwards.</param>
/// <param name="Trouble">Why the last try failed.</param>
public sealed record LoginView(PageFrame Frame, string To, string? Trouble);

/// <summary>A job that incoming has not taken yet.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Id">The job's.</param>
public sealed record IncomingView(PageFrame Frame, string Id);

/// <summary>The page to submit.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Buckets">All buckets.</param>
/// <param name="Platforms">All platforms that are active.</param>
/// <param name="Trouble">Why the last try was refused: a line each.</param>
public sealed record SubmitView(
    PageFrame Frame,
    IReadOnlyList<string> Buckets,
    IReadOnlyList<Platform> Platforms,
    IReadOnlyList<string> Trouble
);
