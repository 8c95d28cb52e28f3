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
        await CheckPlatformsAsync(sql, fresh);
        var estimates = await EstimateAsync(sql, fresh);
        var tasks = fresh
            .SelectMany(job => job.Platforms.Distinct().Select(platform => (Job: job.Job.Id, Platform: platform)))
            .Select(
                (task, place) =>
                    new TaskJson(
                        numbers[task.Job.ToString()],
                        Stored(task.Platform),
                        estimates.TryGetValue(task, out var estimate) ? estimate : null,
                        place
                    )
            );
        var rows = Json.Write([.. tasks]);
        var lanes = Json.Write([.. fresh.SelectMany(LanesOf).Distinct()]);
        await sql.ExecuteAsync(InsertSubmitters, ("lanes", lanes));
        await sql.ExecuteAsync(InsertLanes, ("lanes", lanes));
        await ChainAsync(sql, fresh, numbers);
        // Heads are not moved up until the transaction ends: see AdvanceHeadsAsync.
        await sql.QueryAsync(HoldLanes, row => row.Long(0), ("lanes", lanes));
        await sql.ExecuteAsync(InsertTasks, ("tasks", rows));
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
        job.Platforms.Select(platform => new LaneJson(
            Stored(platform),
            (int)job.Job.Priority,
            Dialect.Storable(job.Job.Submitter),
            job.Job.Bucket
        ));

    private static async Task CheckPlatformsAsync(Statements sql, IReadOnlyList<NewJob> jobs)
    {
        var wanted = jobs.SelectMany(job => job.Platforms).Distinct().ToList();
        var known = (
            await sql.QueryAsync(
                "SELECT key, active FROM platform WHERE key IN (SELECT value FROM $TEXTS(@names))",
                row => (Key: row.Text(0), Active: row.Flag(1)),
                ("names", Json.Write([.. wanted.Select(Stored)]))
            )
        ).ToDictionary(row => row.Key, row => row.Active, StringComparer.Ordinal);
        foreach (var key in wanted)
            if (!known.TryGetValue(Stored(key), out var active) || !active)
                throw new UnknownPlatformException(key, inactive: known.ContainsKey(Stored(key)));
    }

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

    private const string HoldLanes = $"SELECT lane.id {NamedLanes} JOIN lane ON {ThatLane} ORDER BY lane.id $HOLD_LANE";

    private const string InsertTasks = $"""
        INSERT INTO task (job, platform, lane, state, estimate, waiting, blocked)
        SELECT job.number, platform.id, lane.id, {States.Waiting}, given.estimate, $NOW,
               (SELECT count(*)
                FROM job_after JOIN task AS other ON other.job = job_after.after AND other.platform = platform.id
                WHERE job_after.job = job.number AND other.state <> {States.Success})
        FROM $TASKS
        JOIN job ON job.number = given.job
        JOIN platform ON platform.key = given.platform
        JOIN submitter ON submitter.name = job.submitter
        JOIN lane ON lane.platform = platform.id AND lane.priority = job.priority
                 AND lane.submitter = submitter.id AND lane.bucket = job.bucket
        ORDER BY given.place
        """;

    private const string CountBlocked = $"""
        UPDATE task SET blocked = (
            SELECT count(*)
            FROM job_after JOIN task AS other ON other.job = job_after.after AND other.platform = task.platform
            WHERE job_after.job = task.job AND other.state <> {States.Success})
        """;
}
