namespace PkgForge.Registry.Sql;

/// <summary>
/// What holds in every registry, between any two transactions. Each query finds the rows that break one rule, and makes a sentence of
/// each. The queries are constant text, in what both databases understand.
/// </summary>
internal static class Invariants
{
    /// <summary>In the order of reading: jobs, tasks, attempts, what claims go by, builders.</summary>
    public static IReadOnlyList<string> Queries { get; } =
    [
        JobStates,
        JobEnds,
        InvalidJobs,
        Held,
        NotHeld,
        Builders,
        Sessions,
        Ends,
        AttemptNumbers,
        Products,
        Lanes,
        Heads,
        Blocked,
        Refused,
    ];

    private const string Task =
        "'task ' || task.id || ' (job ' || job.id || ' on ' || platform.name || '-' || platform.architecture || ')'";

    private const string Tasks = "task JOIN job ON job.number = task.job JOIN platform ON platform.id = task.platform";

    private const string Counts = $"""
        (SELECT job,
                count(*) AS tasks,
                count(CASE WHEN state IN ({States.Waiting}, {States.Building}) THEN 1 END) AS live,
                count(CASE WHEN state = {States.Success} THEN 1 END) AS succeeded,
                count(CASE WHEN state = {States.Fail} THEN 1 END) AS failed
         FROM task GROUP BY job) AS counts
        """;

    /// <summary>DESIGN 3.4. A job may be stored as registered until the first attempt of it has ended: a claim does not write to it.</summary>
    private const string JobStates = $"""
        SELECT 'job ' || job.id || ' is ''' || state.name || ''', which its tasks contradict: ' || coalesce(counts.tasks, 0) || ' in all, '
            || coalesce(live, 0) || ' not ended, ' || coalesce(succeeded, 0) || ' succeeded, ' || coalesce(failed, 0) || ' failed'
        FROM job JOIN state ON state.id = job.state LEFT JOIN {Counts} ON counts.job = job.number
        WHERE job.state <> {States.Invalid} AND NOT CASE
            WHEN counts.job IS NULL THEN false
            WHEN live > 0 THEN job.state = {States.JobBuilding} OR (job.state = {States.Registered} AND succeeded + failed = 0)
            WHEN succeeded > 0 AND failed > 0 THEN job.state = {States.PartiallyFailed}
            WHEN succeeded > 0 THEN job.state = {States.Successful}
            WHEN failed > 0 THEN job.state = {States.JobFailed}
            ELSE job.state = {States.JobCancelled} END
        ORDER BY job.number LIMIT @limit
        """;

    private const string JobEnds = $"""
        SELECT 'job ' || job.id || ' is ''' || state.name || ''' and has '
            || CASE WHEN ended IS NULL THEN 'no time at which it ended' ELSE 'a time at which it ended' END
        FROM job JOIN state ON state.id = job.state
        WHERE (job.state IN ({States.Registered}, {States.JobBuilding})) <> (ended IS NULL)
        ORDER BY job.number LIMIT @limit
        """;

    private const string InvalidJobs = $"""
        SELECT 'job ' || job.id || ' was rejected and has a task on ' || platform.name || '-' || platform.architecture
        FROM {Tasks}
        WHERE job.state = {States.Invalid}
        ORDER BY task.id LIMIT @limit
        """;

    private const string Held = $"""
        SELECT {Task} || ' is being built and lacks '
            || CASE WHEN task.builder IS NULL THEN 'a builder' WHEN lease_expires IS NULL THEN 'an end of its lease'
                    WHEN claimed IS NULL THEN 'the time of its claim' WHEN task.session IS NULL THEN 'the session that claimed it'
                    ELSE 'a lease' END
        FROM {Tasks}
        WHERE task.state = {States.Building}
          AND (task.builder IS NULL OR lease_expires IS NULL OR claimed IS NULL OR task.session IS NULL OR lease < 1)
        ORDER BY task.id LIMIT @limit
        """;

    private const string NotHeld = $"""
        SELECT {Task} || ' is not being built and has '
            || CASE WHEN task.builder IS NOT NULL THEN 'a builder' WHEN lease_expires IS NOT NULL THEN 'an end of its lease'
                    WHEN claimed IS NOT NULL THEN 'the time of a claim' WHEN task.session IS NOT NULL THEN 'a session'
                    ELSE 'a request to cancel it' END
        FROM {Tasks}
        WHERE task.state <> {States.Building}
          AND (task.builder IS NOT NULL OR lease_expires IS NOT NULL OR claimed IS NOT NULL OR task.session IS NOT NULL OR cancel_requested)
        ORDER BY task.id LIMIT @limit
        """;

    private const string Builders = $"""
        SELECT {Task} || ' is being built by ' || coalesce('builder ' || builder.name || ', which builds another platform',
            'a builder that is not there (' || task.builder || ')')
        FROM {Tasks} LEFT JOIN builder ON builder.id = task.builder
        WHERE task.state = {States.Building} AND task.builder IS NOT NULL
          AND (builder.id IS NULL OR builder.platform <> task.platform)
        ORDER BY task.id LIMIT @limit
        """;

    /// <summary>Whoever takes a name over, or gives it back, puts its task back in the same transaction.</summary>
    private const string Sessions = $"""
        SELECT {Task} || ' is being built by session ' || task.session || ' of builder ' || builder.name || ', whose session is '
            || builder.session || CASE WHEN builder.held THEN '' ELSE ' and ended' END
        FROM {Tasks} JOIN builder ON builder.id = task.builder
        WHERE task.state = {States.Building} AND (task.session <> builder.session OR NOT builder.held)
        ORDER BY task.id LIMIT @limit
        """;

    /// <summary>A task fails by its package, or by the farm once too often. What is cancelled while it waits has any last attempt, or none.</summary>
    private const string Ends = $"""
        SELECT {Task} || ' is ''' || state.name || ''' and '
            || coalesce('its last attempt has outcome ' || attempt.outcome, 'has no attempt ' || task.lease)
        FROM {Tasks} JOIN state ON state.id = task.state LEFT JOIN attempt ON attempt.task = task.id AND attempt.number = task.lease
        WHERE (task.state = {States.Success} AND coalesce(attempt.outcome, 0) <> {States.Succeeded})
           OR (task.state = {States.Fail} AND coalesce(attempt.outcome, 0) NOT IN ({States.Failed}, {States.Lost}, {States.FarmFault}))
        ORDER BY task.id LIMIT @limit
        """;

    /// <summary>The attempt that runs has no row yet.</summary>
    private const string AttemptNumbers = $"""
        SELECT {Task} || ' should have the attempts 1 to ' || (lease - CASE WHEN task.state = {States.Building} THEN 1 ELSE 0 END)
            || ' and has ' || coalesce(attempts, 0) || ', the last of them ' || coalesce(last, 0)
        FROM {Tasks}
        LEFT JOIN (SELECT task, count(*) AS attempts, max(number) AS last FROM attempt GROUP BY task) AS made ON made.task = task.id
        WHERE coalesce(attempts, 0) <> lease - CASE WHEN task.state = {States.Building} THEN 1 ELSE 0 END
           OR coalesce(last, 0) <> coalesce(attempts, 0)
        ORDER BY task.id LIMIT @limit
        """;

    private const string Products = $"""
        SELECT {Task} || ' is ''' || state.name || ''' and has the product ' || product.file_name
        FROM {Tasks} JOIN product ON product.task = task.id JOIN state ON state.id = task.state
        WHERE task.state <> {States.Success}
        ORDER BY task.id, product.file_name LIMIT @limit
        """;

    private const string Lanes = $"""
        SELECT {Task} || ' is in lane ' || coalesce(CAST(task.lane AS text), '(none)') || ', which is not that of its platform, '
            || 'priority ' || job.priority || ', submitter ' || job.submitter || ' and bucket ' || job.bucket
        FROM {Tasks} LEFT JOIN lane ON lane.id = task.lane LEFT JOIN submitter ON submitter.id = lane.submitter
        WHERE lane.id IS NULL OR lane.platform <> task.platform OR lane.priority <> job.priority OR lane.bucket <> job.bucket
           OR submitter.name IS NULL OR submitter.name <> job.submitter
        ORDER BY task.id LIMIT @limit
        """;

    private const string Heads = $"""
        SELECT {Task} || ' waits before the head of its lane ' || lane.id || ': nobody would claim it'
        FROM {Tasks} JOIN lane ON lane.id = task.lane
        WHERE task.state = {States.Waiting} AND task.blocked = 0 AND (task.rank, task.id) < (lane.first_rank, lane.first_id)
        ORDER BY task.id LIMIT @limit
        """;

    private const string Blocked = $"""
        SELECT {Task} || ' waits for ' || blocked || ' tasks of other jobs, and there are ' || coalesce(others, 0) || ' that it has to wait for'
        FROM {Tasks}
        LEFT JOIN (SELECT job_after.job AS job, other.platform AS platform, count(*) AS others
                   FROM job_after JOIN task AS other ON other.job = job_after.after
                   WHERE other.state <> {States.Success}
                   GROUP BY job_after.job, other.platform) AS waited ON waited.job = task.job AND waited.platform = task.platform
        WHERE task.state = {States.Waiting} AND task.blocked <> coalesce(others, 0)
        ORDER BY task.id LIMIT @limit
        """;

    /// <summary>The count may be too high: a builder that starts again takes its refusals back. Were it too low, claims would pass by the refusals.</summary>
    private const string Refused = $"""
        SELECT {Task} || ' was refused by ' || times || ' builders and is counted as refused by ' || refused
        FROM {Tasks} JOIN (SELECT task, count(*) AS times FROM refusal GROUP BY task) AS said ON said.task = task.id
        WHERE refused < times
        ORDER BY task.id LIMIT @limit
        """;
}
