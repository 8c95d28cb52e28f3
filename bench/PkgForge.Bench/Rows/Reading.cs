using System.Diagnostics;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Jobs;
using PkgForge.Registry;

namespace PkgForge.Bench.Rows;

/// <summary>
/// Whether what people look at grows slower with history: each question is asked in turn of a registry of 1,000,000 tasks and of one of 1,000, and the
/// row is the question that fares worst.
/// </summary>
internal abstract class Reading(string name, string what) : Row(name, what, new Bar.Ratio(1.5))
{
    private const int AskedAtOnce = 20;

    /// <summary>So often a question is asked before it is measured: PostgreSQL has settled on a plan by then, and has touched the pages it reads.</summary>
    protected const int WarmUps = 100;

    /// <summary>What is asked, by name, of a registry with so many jobs that have ended.</summary>
    protected abstract IReadOnlyList<(string Name, Func<IRegistry, int, Task> Ask)> Questions { get; }

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var server = await place.RegistryServerAsync();
        await using var large = await server.OpenAsync("large", finishedTasks: 1_000_000);
        await using var small = await server.OpenAsync("small", finishedTasks: 1_000);
        var measured = Questions.ToDictionary(question => question.Name, _ => new List<(double, double)>());
        for (var pair = 0; pair < place.Pairs(15); pair++)
        {
            // On other connections each time, and in turn: what happens to one of the server's processes, or in one second, is not all that a question is judged by.
            await using var inLarge = large.Open();
            await using var inSmall = small.Open();
            foreach (var (name, ask) in Questions)
                measured[name]
                    .Add(
                        (
                            await MillisecondsAsync(() => ask(inLarge, 1_000_000 / RegistryServer.Platforms)),
                            await MillisecondsAsync(() => ask(inSmall, 1_000 / RegistryServer.Platforms))
                        )
                    );
        }
        var figures = measured.Select(of => (Name: of.Key, Figures: Paired.Of(of.Value, "ms"))).ToList();
        var each = figures.Select(of => $"{of.Name} {of.Figures.Ours:0.00}/{of.Figures.Peer:0.00} ms");
        return figures.MaxBy(of => of.Figures.Ratio).Figures with { Note = string.Join(", ", each) };
    }

    private static async Task<double> MillisecondsAsync(Func<Task> ask)
    {
        var times = new List<double>();
        for (var i = -WarmUps; i < AskedAtOnce; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await ask();
            if (i >= 0)
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        return Paired.Median(times);
    }
}

/// <summary>Pages of the list of jobs.</summary>
internal sealed class StatusList()
    : Reading(
        "status-list",
        "pages of 50 jobs, first and deepest, of all, of a submitter, in a state, of a bucket, on a platform, since a time, of several of them, at 1,000,000 tasks against 1,000: the worst of them"
    )
{
    protected override IReadOnlyList<(string, Func<IRegistry, int, Task>)> Questions =>
        [
            ("first", (registry, _) => ListAsync(registry, new())),
            ("deepest", (registry, _) => ListAsync(registry, new(After: Oldest))),
            ("of a submitter", (registry, _) => ListAsync(registry, new("user3", Limit: 20), 20)),
            ("of a submitter, deepest", (registry, _) => ListAsync(registry, new("user3", After: OldestOfEach), 20)),
            ("registered", (registry, _) => ListAsync(registry, new(State: JobState.Registered))),
            ("building", (registry, _) => registry.ListJobsAsync(new(State: JobState.Building), default)),
            (
                "failed, deepest",
                (registry, _) => ListAsync(registry, new(State: JobState.Failed, After: OldestOfEach), 10)
            ),
            (
                "of a submitter, failed",
                (registry, _) => ListAsync(registry, new("user0", JobState.Failed, After: OldestOfEach), 10)
            ),
            ("of a submitter, failed, none", (registry, _) => ListAsync(registry, new("user3", JobState.Failed), 0)),
            ("of a bucket, deepest", (registry, _) => ListAsync(registry, new(After: Oldest) { Bucket = "main" })),
            (
                "on a platform, deepest",
                (registry, _) => ListAsync(registry, new(After: Oldest) { Platform = RegistryServer.Keys[0] })
            ),
            (
                "since a time",
                (registry, _) => ListAsync(registry, new() { From = TimeProvider.System.GetUtcNow().AddMinutes(-200) })
            ),
            (
                "of a bucket, on a platform, failed",
                (registry, _) =>
                    ListAsync(
                        registry,
                        new(State: JobState.Failed, Limit: 10) { Bucket = "main", Platform = RegistryServer.Keys[0] },
                        10
                    )
            ),
            ("cancelled, none", (registry, _) => ListAsync(registry, new(State: JobState.Cancelled), 0)),
        ];

    // Jobs done-1, done-2 ... are of ten submitters in turn, and every twentieth has failed.
    private static readonly JobId Oldest = JobId.Parse("done-51");
    private static readonly JobId OldestOfEach = JobId.Parse("done-201");

    /// <summary>A page costs what is on it: both registries have as many jobs for it.</summary>
    private static async Task ListAsync(IRegistry registry, JobQuery query, int has = 50)
    {
        var jobs = await registry.ListJobsAsync(query, default);
        if (jobs.Count != has)
            throw new CannotMeasureException($"a page of {query} has {jobs.Count} jobs, not {has}");
    }
}

/// <summary>
/// A job with its tasks and attempts. What is compared is the work, so each job has been asked for before: what a process of PostgreSQL touches for the
/// first time costs it a fault of a page, and of a large registry nearly every job does.
/// </summary>
internal sealed class JobView()
    : Reading("job-view", "one job with its tasks and attempts, at 1,000,000 tasks against 1,000: the worse of two")
{
    // So many jobs, spread over the whole past, are asked for in turn.
    private const int Spread = WarmUps;

    private int asked;

    protected override IReadOnlyList<(string, Func<IRegistry, int, Task>)> Questions =>
        [
            ("any", (registry, jobs) => FindAsync(registry, (int)((long)jobs * (asked++ % Spread + 1) / Spread))),
            ("oldest", (registry, _) => FindAsync(registry, 1)),
        ];

    private static async Task FindAsync(IRegistry registry, int number)
    {
        var job = await registry.FindJobAsync(JobId.Parse($"done-{number}"), default);
        if (job?.Tasks is not [{ Attempts: [_, ..] }, _, _, _])
            throw new CannotMeasureException($"job done-{number} is not as it was made");
    }
}
