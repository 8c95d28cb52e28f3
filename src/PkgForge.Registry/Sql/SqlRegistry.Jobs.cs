using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Spool;

namespace PkgForge.Registry.Sql;

/// <summary>Registering jobs: any number in one transaction, each kind of row by one statement.</summary>
internal abstract partial class SqlRegistry
{
    public async Task<RegisterOutcome> RegisterJobAsync(NewJob job, CancellationToken cancel) =>
        (await RegisterJobsAsync([job], cancel))[0];

    public Task<IReadOnlyList<RegisterOutcome>> RegisterJobsAsync(IReadOnlyList<NewJob> jobs, CancellationToken cancel)
    {
        if (jobs.FirstOrDefault(job => job.Platforms.Count == 0) is { } none)
            throw new ArgumentException(
                $"job {none.Job.Id} has no platform: it is to be rejected, not registered",
                nameof(jobs)
            );
        return WriteAsync(
            sql => RegisterAsync(sql, jobs.Select(JobRow.Of).ToList(), rows => AddTasksAsync(sql, jobs, rows)),
            InDoubt.Repeat,
            cancel
        );
    }

    public async Task<RegisterOutcome> RegisterRejectedAsync(RejectedJob job, CancellationToken cancel)
    {
        var outcomes = await WriteAsync(
            sql => RegisterAsync(sql, [JobRow.Of(job)], _ => PostAsync(sql, job.Mail)),
            InDoubt.Repeat,
            cancel
        );
        return outcomes[0];
    }

    public Task<string?> FindManifestAsync(JobId id, CancellationToken cancel) =>
        ReadAsync(sql => ManifestAsync(sql, id), cancel);

    private static async Task<IReadOnlyList<RegisterOutcome>> RegisterAsync(
        Statements sql,
        List<JobRow> jobs,
        Func<IReadOnlyDictionary<string, long>, Task> whenNew
    )
    {
        var numbers = (
            await sql.QueryAsync(InsertJobs, row => (Id: row.Text(1), Number: row.Long(0)), ("jobs", Json.Write(jobs)))
        ).ToDictionary(row => row.Id, row => row.Number, StringComparer.Ordinal);
        FaultPoint.Reach(FaultPoints.RegisterJob);
        if (numbers.Count > 0)
            await whenNew(numbers);
        FaultPoint.Reach(FaultPoints.RegisterTasks);
        var outcomes = new List<RegisterOutcome>();
        // Of two that have one id in the same call the first is the one that was inserted.
        foreach (var job in jobs)
            outcomes.Add(
                numbers.Remove(job.Id) ? RegisterOutcome.Registered
                : await ManifestAsync(sql, JobId.Parse(job.Id)) == job.Manifest ? RegisterOutcome.AlreadyThere
                : RegisterOutcome.IdTaken
            );
        return outcomes;
    }

    private static async Task AddTasksAsync(
        Statements sql,
        IReadOnlyList<NewJob> jobs,
        IReadOnlyDictionary<string, long> numbers
    )
    {
        var fresh = jobs.Where(job => numbers.ContainsKey(job.Job.Id.ToString()))
            .DistinctBy(job => job.Job.Id)
            .ToList();
        var wanted = fresh.SelectMany(LanesOf).Distinct().ToList();
        var there = await CheckPlatformsAsync(sql, fresh, wanted);
        var estimates = await EstimateAsync(sql, fresh);
        if (there < wanted.Count)
            await AddLanesAsync(sql, wanted);
        await ChainAsync(sql, fresh, numbers);
        var lanes = await HoldLanesAsync(sql, wanted);
        var tasks = fresh
            .SelectMany(job => job.Platforms.Distinct().Select(platform => (job.Job, Platform: platform)))
            .Select(
                (task, place) =>
                {
                    var (lane, platform) = lanes[LaneOf(task.Job, task.Platform)];
                    return new TaskJson(
                        numbers[task.Job.Id.ToString()],
                        platform,
                        lane,
                        estimates.TryGetValue((task.Job.Id, task.Platform), out var estimate) ? estimate : null,
                        task.Job.After.Count > 0,
                        place
                    );
                }
            );
        await sql.ExecuteAsync(InsertTasks, ("tasks", Json.Write([.. tasks])));
        await NamePackagesAsync(sql, fresh, numbers);
        await BlockTogetherAsync(sql, fresh, numbers);
        await RankAsync(sql, fresh, numbers);
        foreach (var platform in fresh.SelectMany(job => job.Platforms).Distinct())
            sql.Wake(Topic.Tasks(platform));
        sql.Wake(Topic.Jobs);
    }

    /// <summary>A statement does not see the rows that it inserts: who waits for one of the same call is counted after it.</summary>
    private static async Task BlockTogetherAsync(
        Statements sql,
        IReadOnlyList<NewJob> jobs,
        IReadOnlyDictionary<string, long> numbers
    )
    {
        foreach (var job in jobs.Where(job => job.Job.After.Any(id => numbers.ContainsKey(id.ToString()))))
            await sql.ExecuteAsync($"{CountBlocked} WHERE job = @job", ("job", numbers[job.Job.Id.ToString()]));
    }

    private static IEnumerable<LaneJson> LanesOf(NewJob job) =>
        job.Platforms.Select(platform => LaneOf(job.Job, platform));

    private static LaneJson LaneOf(Job job, PlatformKey platform) =>
        new(Stored(platform), (int)job.Priority, Dialect.Storable(job.Submitter), job.Bucket);

    /// <summary>How many of the lanes there are already: nearly always all of them.</summary>
    private static async Task<int> CheckPlatformsAsync(Statements sql, IReadOnlyList<NewJob> jobs, List<LaneJson> lanes)
    {
        var wanted = jobs.SelectMany(job => job.Platforms).Distinct().ToList();
        var known = (
            await sql.QueryAsync(
                CheckPlatforms,
                row => (Key: row.Text(0), Active: row.Flag(1), Lanes: row.Int(2)),
                ("names", Json.Write([.. wanted.Select(Stored)])),
                ("lanes", Json.Write(lanes))
            )
        ).ToDictionary(row => row.Key, StringComparer.Ordinal);
        foreach (var key in wanted)
            if (!known.TryGetValue(Stored(key), out var platform) || !platform.Active)
                throw new UnknownPlatformException(key, inactive: known.ContainsKey(Stored(key)));
        return known.Values.FirstOrDefault().Lanes;
    }

    private static async Task AddLanesAsync(Statements sql, List<LaneJson> lanes)
    {
        var given = Json.Write(lanes);
        await sql.ExecuteAsync(InsertSubmitters, ("lanes", given));
        await sql.ExecuteAsync(InsertLanes, ("lanes", given));
    }

    /// <summary>
    /// Each lane's number, and its platform's. Their heads are not moved up until the transaction ends: see <see cref="AdvanceHeadsAsync"/>.
    /// </summary>
    private static async Task<Dictionary<LaneJson, (long Lane, long Platform)>> HoldLanesAsync(
        Statements sql,
        List<LaneJson> lanes
    ) =>
        (
            await sql.QueryAsync(
                HoldLanes,
                row =>
                    (
                        Key: new LaneJson(row.Text(2), row.Int(3), row.Text(4), row.Text(5)),
                        Numbers: (row.Long(0), row.Long(1))
                    ),
                ("lanes", Json.Write(lanes))
            )
        ).ToDictionary(row => row.Key, row => row.Numbers);

    private static async Task<string?> ManifestAsync(Statements sql, JobId id) =>
        await sql.QueryAsync(
            "SELECT manifest_sha256 FROM job WHERE id = @id",
            row => row.Text(0),
            ("id", id.ToString())
        )
            is [var sha256]
            ? sha256
            : null;

    private const string InsertJobs = $"""
        INSERT INTO job (id, submitter, bucket, scratch, sources, manifest_sha256, priority, submitted, registered, ended, state, reason, warnings)
        SELECT id, submitter, bucket, scratch, sources, manifest, priority, submitted, $NOW,
               CASE WHEN reason IS NOT NULL THEN $NOW END,
               CASE WHEN reason IS NOT NULL THEN {States.Invalid} ELSE {States.Registered} END, reason, warnings
        FROM $JOBS
        WHERE true
        ORDER BY place
        ON CONFLICT (id) DO NOTHING
        RETURNING number, id
        """;

    private const string InsertSubmitters = """
        INSERT INTO submitter (name)
        SELECT DISTINCT given.submitter FROM $LANES
        WHERE NOT EXISTS (SELECT 1 FROM submitter WHERE submitter.name = given.submitter)
        ORDER BY given.submitter
        ON CONFLICT (name) DO NOTHING
        """;

    /// <summary>The ids of what the lanes are named by.</summary>
    private const string NamedLanes = """
        FROM $LANES
        JOIN platform ON platform.key = given.platform
        JOIN submitter ON submitter.name = given.submitter
        """;

    private const string ThatLane = """
        lane.platform = platform.id AND lane.priority = given.priority AND lane.submitter = submitter.id AND lane.bucket = given.bucket
        """;

    private const string InsertLanes = $"""
        INSERT INTO lane (platform, priority, submitter, bucket)
        SELECT platform.id, given.priority, submitter.id, given.bucket
        {NamedLanes}
        WHERE NOT EXISTS (SELECT 1 FROM lane WHERE {ThatLane})
        ORDER BY 1, 2, 3, 4
        ON CONFLICT (platform, priority, submitter, bucket) DO NOTHING
        """;

    private const string CheckPlatforms = $"""
        SELECT key, active, (SELECT count(*) {NamedLanes} JOIN lane ON {ThatLane}) FROM platform
        WHERE key IN (SELECT value FROM $TEXTS(@names))
        """;

    private const string HoldLanes = $"""
        SELECT lane.id, lane.platform, given.platform, given.priority, given.submitter, given.bucket
        {NamedLanes} JOIN lane ON {ThatLane}
        ORDER BY lane.id $HOLD_LANE
        """;

    private const string InsertTasks = $"""
        INSERT INTO task (job, platform, lane, state, estimate, waiting, blocked)
        SELECT given.job, given.platform, given.lane, {States.Waiting}, given.estimate, $NOW,
               CASE WHEN given.chained
                    THEN (SELECT count(*)
                          FROM job_after JOIN task AS other ON other.job = job_after.after AND other.platform = given.platform
                          WHERE job_after.job = given.job AND other.state <> {States.Success})
                    ELSE 0 END
        FROM $TASKS
        ORDER BY given.place
        """;

    private const string CountBlocked = $"""
        UPDATE task SET blocked = (
            SELECT count(*)
            FROM job_after JOIN task AS other ON other.job = job_after.after AND other.platform = task.platform
            WHERE job_after.job = task.job AND other.state <> {States.Success})
        """;
}
