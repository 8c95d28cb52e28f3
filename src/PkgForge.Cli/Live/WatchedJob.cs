using System.Text.Json;
using PkgForge.Registry.Views;
using PkgForge.Web.Live;

namespace PkgForge.Cli.Live;

/// <summary>What is known of a job that is watched.</summary>
internal sealed class WatchedJob
{
    private readonly Dictionary<string, ProgressJson> progress = new(StringComparer.Ordinal);

    /// <summary>Its last state; null before the first.</summary>
    public JobJson? Job { get; private set; }

    /// <summary>The state before that.</summary>
    public JobJson? Before { get; private set; }

    /// <summary>How far a task's attempt is that runs; null when nothing is known.</summary>
    public ProgressJson? ProgressOf(string platform) => progress.GetValueOrDefault(platform);

    /// <summary>Takes in what is told. Returns what is new, for people; nothing where it is of no use to them.</summary>
    public IReadOnlyList<string> Apply(FarmEvent news)
    {
        switch (news.Name)
        {
            case FarmEvent.Job:
                (Before, Job) = (Job, Read(news.Data));
                return JobChanges.Between(Before, Job);
            case FarmEvent.Progress:
                var now = JsonSerializer.Deserialize(news.Data, EventJson.Default.ProgressJson)!;
                var before = ProgressOf(now.Platform);
                progress[now.Platform] = now;
                return
                    now.Stage is null
                    || before is not null && (before.Attempt, before.Stage) == (now.Attempt, now.Stage)
                    ? []
                    : [$"{now.Platform}: {now.Stage}"];
            default:
                return [];
        }
    }

    private static JobJson Read(string data) => JsonSerializer.Deserialize(data, EventJson.Default.JobJson)!;
}
