using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

internal abstract partial class SqlRegistry
{
    public Task<RegisterOutcome> RegisterJobAsync(NewJob job, CancellationToken cancel)
    {
        if (job.Platforms.Count == 0)
            throw new ArgumentException(
                $"job {job.Job.Id} has no platform: it is to be rejected, not registered",
                nameof(job)
            );
        var row = new JobRow(job.Job.Id, job.Job.Submitter, job.Job.Time, job.ManifestSha256)
        {
            Bucket = job.Job.Bucket,
            Scratch = job.Job.Scratch,
            Sources = job.Job.Sources,
        };
        return WriteAsync(
            sql => RegisterAsync(sql, row, number => AddTasksAsync(sql, number, job)),
            InDoubt.Repeat,
            cancel
        );
    }

    public Task<RegisterOutcome> RegisterRejectedAsync(RejectedJob job, CancellationToken cancel)
    {
        var row = new JobRow(job.Id, job.Submitter, job.Submitted, job.ManifestSha256) { Reason = job.Reason };
        return WriteAsync(sql => RegisterAsync(sql, row, _ => PostAsync(sql, job.Mail)), InDoubt.Repeat, cancel);
    }

    public Task<string?> FindManifestAsync(JobId id, CancellationToken cancel) =>
        ReadAsync(sql => ManifestAsync(sql, id), cancel);

    private static async Task<RegisterOutcome> RegisterAsync(Statements sql, JobRow job, Func<long, Task> whenNew)
    {
        if (await InsertAsync(sql, job) is { } number)
        {
            await whenNew(number);
            return RegisterOutcome.Registered;
        }
        return await ManifestAsync(sql, job.Id) == job.ManifestSha256
            ? RegisterOutcome.AlreadyThere
            : RegisterOutcome.IdTaken;
    }

    private static Task<long?> InsertAsync(Statements sql, JobRow job) =>
        sql.NumberAsync(
            $"""
            INSERT INTO job (id, submitter, bucket, scratch, sources, manifest_sha256, submitted, registered, ended, state, reason)
            VALUES (@id, @submitter, @bucket, @scratch, @sources, @manifest, @submitted, $NOW,
                    CASE WHEN @invalid THEN $NOW END,
                    CASE WHEN @invalid THEN {States.Invalid} ELSE {States.Registered} END, @reason)
            ON CONFLICT (id) DO NOTHING
            RETURNING number
            """,
            ("id", job.Id.ToString()),
            ("submitter", job.Submitter),
            ("bucket", job.Bucket),
            ("scratch", job.Scratch),
            ("sources", Json.Write(job.Sources)),
            ("manifest", job.ManifestSha256),
            ("submitted", job.Submitted),
            ("invalid", job.Reason is not null),
            ("reason", job.Reason)
        );

    private static async Task AddTasksAsync(Statements sql, long number, NewJob job)
    {
        foreach (var key in job.Platforms.Distinct())
        {
            var platform = await sql.QueryAsync(
                "SELECT id, active FROM platform WHERE key = @key",
                row => (Id: row.Long(0), Active: row.Flag(1)),
                ("key", Stored(key))
            );
            if (platform is not [{ Active: true, Id: var id }])
                throw new UnknownPlatformException(key, inactive: platform.Count > 0);
            await sql.ExecuteAsync(
                $"""
                INSERT INTO task (job, platform, state, priority)
                SELECT number, @platform, {States.Waiting}, priority FROM job WHERE number = @number
                """,
                ("platform", id),
                ("number", number)
            );
            sql.Wake(key);
        }
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

    /// <summary>
    /// Derives the states of jobs from their tasks (DESIGN 3.4): the only statement that changes a job's state. A job that can still change
    /// is building once a task has been claimed, and stays so while tasks are put back; a retry of all makes it registered again.
    /// </summary>
    private static async Task DeriveJobsAsync(Statements sql, IEnumerable<long> jobs)
    {
        foreach (var job in jobs.Distinct().Order())
        {
            // The lock comes first, in a statement of its own: the next one then sees what others committed before it.
            await sql.NumberAsync("SELECT number FROM job WHERE number = @job $LOCK_JOB", ("job", job));
            await sql.ExecuteAsync(Derive, ("job", job));
        }
    }

    private const string Derive = $"""
        UPDATE job SET
            state = CASE
                WHEN live > 0 AND (job.state = {States.JobBuilding} OR live > waiting OR succeeded + failed > 0) THEN {States.JobBuilding}
                WHEN live > 0 THEN {States.Registered}
                WHEN succeeded > 0 AND failed > 0 THEN {States.PartiallyFailed}
                WHEN succeeded > 0 THEN {States.Successful}
                WHEN failed > 0 THEN {States.JobFailed}
                ELSE {States.JobCancelled} END,
            ended = CASE WHEN live = 0 THEN coalesce(ended, $NOW) END
        FROM (SELECT count(CASE WHEN state = {States.Waiting} THEN 1 END) AS waiting,
                     count(CASE WHEN state IN ({States.Waiting}, {States.Building}) THEN 1 END) AS live,
                     count(CASE WHEN state = {States.Success} THEN 1 END) AS succeeded,
                     count(CASE WHEN state = {States.Fail} THEN 1 END) AS failed
              FROM task WHERE job = @job) AS tasks
        WHERE number = @job
        """;

    private sealed record JobRow(JobId Id, string Submitter, DateTimeOffset Submitted, string ManifestSha256)
    {
        public string Bucket { get; init; } = "";

        public bool Scratch { get; init; }

        public IReadOnlyList<string> Sources { get; init; } = [];

        /// <summary>Why it was rejected; null for a job that was accepted.</summary>
        public string? Reason { get; init; }
    }
}
