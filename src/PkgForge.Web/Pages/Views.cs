using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Api;
using PkgForge.Web.Attempts;
using PkgForge.Web.SignIn;

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
/// <param name="Query">What was asked for.</param>
/// <param name="Times">From when and until when, in the words of the address.</param>
/// <param name="Platforms">All platforms.</param>
/// <param name="Buckets">All buckets.</param>
/// <param name="Older">The address of the next page; null when this is the last.</param>
public sealed record JobsView(
    PageFrame Frame,
    IReadOnlyList<JobLine> Jobs,
    JobQuery Query,
    AskedTimes Times,
    IReadOnlyList<PlatformKey> Platforms,
    IReadOnlyList<string> Buckets,
    string? Older
)
{
    /// <summary>The look has ended before the page was full, and can go on.</summary>
    public bool IsCutShort => Older is not null && Jobs.Count < Query.Limit;

    /// <summary>Something was asked for.</summary>
    public bool IsAsked => Query with { Limit = 0, After = null } != new JobQuery(Limit: 0);
}

/// <summary>From when and until when jobs were asked for, as it was written.</summary>
public sealed record AskedTimes(string? From, string? To)
{
    /// <summary>What kind of field shows it: a day has one of its own.</summary>
    public static string KindOf(string? text) => text is null or { Length: 10 } ? "date" : "text";
}

/// <summary>What the page of a job shows.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Now">The time.</param>
/// <param name="Detail">The job.</param>
/// <param name="Waiting">Why its tasks wait.</param>
/// <param name="Products">What its tasks made.</param>
/// <param name="Matrix">What has become of each source on each platform.</param>
/// <param name="MayChange">Whether to offer what changes it.</param>
public sealed record JobView(
    PageFrame Frame,
    DateTimeOffset Now,
    JobDetail Detail,
    IReadOnlyDictionary<PlatformKey, Waiting> Waiting,
    IReadOnlyDictionary<PlatformKey, IReadOnlyList<Product>> Products,
    SourceMatrix Matrix,
    bool MayChange
)
{
    /// <summary>What was asked for; null where nobody knows it (any more).</summary>
    public AskedJob? Asked { get; init; }

    /// <summary>When tasks should end that have not; those of which nobody can say it are left out.</summary>
    public IReadOnlyDictionary<PlatformKey, DateTimeOffset> Ends { get; init; } =
        new Dictionary<PlatformKey, DateTimeOffset>();

    /// <summary>Buckets in which its products may be published, too.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>What was just done; null for nothing.</summary>
    public Notice? Notice { get; init; }

    /// <summary>When the job should be done; null when it is, or nobody can say.</summary>
    public DateTimeOffset? End =>
        Detail.Tasks.Where(MayEnd).Select(task => task.Platform).ToList() is [_, ..] live
        && live.TrueForAll(Ends.ContainsKey)
            ? live.Max(platform => Ends[platform])
            : null;

    /// <summary>A task can still be cancelled.</summary>
    public static bool MayEnd(BuildTask task) => task.State is BuildTaskState.NeedsBuild or BuildTaskState.Building;

    /// <summary>The job's address.</summary>
    public string Address => $"/jobs/{Detail.Job.Id}";

    /// <summary>Some task can still be cancelled.</summary>
    public bool MayCancel => MayChange && Detail.Tasks.Any(MayEnd);

    /// <summary>Some task can be retried.</summary>
    public bool MayRetry => MayChange && Detail.Tasks.Any(IsRetried);

    /// <summary>A retry puts this task back.</summary>
    public static bool IsRetried(BuildTask task) => task.State is BuildTaskState.Fail or BuildTaskState.Cancelled;
}

/// <summary>What was asked for with a job.</summary>
/// <param name="Job">The manifest.</param>
/// <param name="Text">Its text, as much of it as a page shows.</param>
/// <param name="IsCut">There is more of it.</param>
/// <param name="MayResubmit">Whether to offer to submit the same again.</param>
public sealed record AskedJob(Job Job, string Text, bool IsCut, bool MayResubmit);

/// <summary>The page to submit a job's sources again.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Job">What was asked for.</param>
/// <param name="Buckets">All buckets.</param>
/// <param name="Platforms">All platforms that are active.</param>
/// <param name="Trouble">Why the last try was refused: a line each.</param>
public sealed record ResubmitView(
    PageFrame Frame,
    Job Job,
    IReadOnlyList<string> Buckets,
    IReadOnlyList<Platform> Platforms,
    IReadOnlyList<string> Trouble
);

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
    /// <summary>What is different from the last success, but for the logs; null while it runs, or where it succeeded itself and nothing did before.</summary>
    public ChangesJson? Changes { get; init; }

    /// <summary>It has ended: what it was made with may be known.</summary>
    public bool HasEnded => Attempt.Outcome != AttemptOutcome.Running;

    /// <summary>Whether whoever looks may cancel and retry the job.</summary>
    public bool MayChange { get; init; }

    /// <summary>This is the task's last attempt, and another one can be asked for.</summary>
    public bool MayRetry => MayChange && IsLast && JobView.IsRetried(Task);

    /// <summary>This is what the task does now, and it can be stopped.</summary>
    public bool MayCancel => MayChange && IsLast && !HasEnded && !Task.CancelRequested;

    private bool IsLast => Attempt == Task.Attempts[^1];

    /// <summary>The attempt's address.</summary>
    public string Address => $"/jobs/{Job.Id}/{Task.Platform}/{Attempt.Number}";
}

/// <summary>What was installed in the root of an attempt.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Attempt">The attempt's address.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Source">The source that was built in it; null where nobody knows of any.</param>
/// <param name="Sources">All sources of the attempt.</param>
/// <param name="Layers">What it was made of, the uppermost first.</param>
/// <param name="Packages">What was installed, by name.</param>
public sealed record RootView(
    PageFrame Frame,
    string Attempt,
    string Title,
    string? Source,
    IReadOnlyList<string> Sources,
    IReadOnlyList<string> Layers,
    IReadOnlyList<RecordedPackage> Packages
);

/// <summary>What is different between an attempt and the last success.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Changes">What is different.</param>
public sealed record ChangesView(PageFrame Frame, ChangesJson Changes)
{
    /// <summary>How long a build took.</summary>
    public static string Took(LogSideJson side) =>
        side.Seconds is { } seconds ? Words.Of(TimeSpan.FromSeconds(seconds)) : "";
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
/// <param name="From">The first line in which it was looked for.</param>
/// <param name="Hits">Lines that have it, as many as a page shows.</param>
/// <param name="More">From which line on there are more of them; null when these are all.</param>
/// <param name="EvidenceLine">Where the cause of the failure is; null when it is not known.</param>
/// <param name="LiveFrom">The number of the next line, where more are to come; null when none are.</param>
public sealed record LogView(
    IReadOnlyList<ShownLine> Lines,
    long Total,
    long Bytes,
    IReadOnlyList<(long Line, string Text)> Stages,
    string? Search,
    long From,
    IReadOnlyList<ShownLine> Hits,
    long? More,
    long? EvidenceLine,
    long? LiveFrom
)
{
    /// <summary>The lines by stages: each begins with a line of the farm, but perhaps the first.</summary>
    public IEnumerable<IReadOnlyList<ShownLine>> ByStage()
    {
        var stage = new List<ShownLine>();
        foreach (var line in Lines)
        {
            if (line.IsFarms && stage.Count > 0)
            {
                yield return stage;
                stage = [];
            }
            stage.Add(line);
        }
        if (stage.Count > 0)
            yield return stage;
    }
}

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

/// <summary>The API, for those who are to call it.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Address">Where the API is, as this browser reaches it.</param>
/// <param name="Reference">What there is.</param>
/// <param name="About">The group of operations that is told of; <see cref="TypesWord"/> for what is sent; anything else for the list of all.</param>
public sealed record ApiView(PageFrame Frame, string Address, ApiReference Reference, string About)
{
    /// <summary>Stands for what is sent.</summary>
    public const string TypesWord = "types";

    /// <summary>The group that is told of; null for none.</summary>
    public ReferenceGroup? Group => Reference.Groups.FirstOrDefault(group => group.Name == About);

    /// <summary>Whether what is sent is told of.</summary>
    public bool ShowsTypes => About == TypesWord;

    /// <summary>Where a type is told of.</summary>
    public static string AddressOf(string type) => $"/api?about={TypesWord}#type-{type}";
}

/// <summary>The page to log in.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="To">Where to go afterwards.</param>
/// <param name="Trouble">Why the last try failed.</param>
/// <param name="Ways">How else one may log in.</param>
public sealed record LoginView(PageFrame Frame, string To, string? Trouble, LoginWays Ways);

/// <summary>Where one comes back from another site.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Account">Who has logged in.</param>
/// <param name="To">Where to go on.</param>
public sealed record LandingView(PageFrame Frame, string Account, string To);

/// <summary>A command that wants to log in.</summary>
public sealed class CommandLoginView
{
    internal CommandLoginView(PageFrame frame, CommandLogin? login, string? trouble, CommandLoginState decided) =>
        (Frame, Login, Trouble, Decided) = (frame, login, trouble, decided);

    /// <summary>The frame.</summary>
    public PageFrame Frame { get; }

    /// <summary>The command; null when its code is not known yet, or it has been decided.</summary>
    internal CommandLogin? Login { get; }

    /// <summary>Why there is none.</summary>
    internal string? Trouble { get; }

    /// <summary>What was decided just now.</summary>
    internal CommandLoginState Decided { get; }
}

/// <summary>An account for its owner.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Holder">What it may do.</param>
/// <param name="Credentials">Its sessions and tokens, newest first.</param>
/// <param name="Current">The digest of the session that looks.</param>
/// <param name="Token">A token that was made just now; null for none.</param>
/// <param name="Trouble">Why none was made.</param>
public sealed record AccountView(
    PageFrame Frame,
    CredentialHolder Holder,
    IReadOnlyList<AccountCredential> Credentials,
    string? Current,
    string? Token,
    string? Trouble
);

/// <summary>A job that incoming has not taken yet.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Id">The job's.</param>
/// <param name="MayCancel">Whether to offer to take it back.</param>
public sealed record IncomingView(PageFrame Frame, string Id, bool MayCancel);

/// <summary>The page to submit.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Buckets">All buckets.</param>
/// <param name="Platforms">All platforms that are active.</param>
/// <param name="Values">What was asked for in the last try.</param>
/// <param name="Trouble">Why the last try was refused: a line each.</param>
public sealed record SubmitView(
    PageFrame Frame,
    IReadOnlyList<string> Buckets,
    IReadOnlyList<Platform> Platforms,
    SubmitValues Values,
    IReadOnlyList<string> Trouble
);
