namespace PkgForge.Registry.Sql;

internal abstract partial class SqlRegistry
{
    /// <summary>
    /// Derives the states of jobs from their tasks (DESIGN 3.4): the only statement that changes a job's state. A job that can still change
    /// is building once a task of it has been claimed, and stays so while tasks are put back; a retry of all makes it registered again.
    /// A claim itself writes nothing to the job: see <see cref="ShownState"/>.
    /// </summary>
    private static async Task DeriveJobsAsync(Statements sql, IEnumerable<long> jobs, bool begun = false)
    {
        foreach (var job in jobs.Distinct().Order())
        {
            // The lock comes first, in a statement of its own: the next one then sees what others committed before it.
            await sql.NumberAsync("SELECT number FROM job WHERE number = @job $LOCK_JOB", ("job", job));
            await sql.ExecuteAsync(Derive, ("job", job), ("begun", begun));
            sql.Wake(Topic.Jobs);
        }
    }

    private const string Derive = $"""
        UPDATE job SET
            state = CASE
                WHEN live > 0 AND (job.state = {States.JobBuilding} OR @begun OR live > waiting OR succeeded + failed > 0) THEN {States.JobBuilding}
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

    /// <summary>
    /// A task of the job has a builder: it is building. Said by its state, PostgreSQL would go by the index on what is building, of every job, for each job
    /// that it shows.
    /// </summary>
    private const string AnyBuilding =
        "EXISTS (SELECT 1 FROM task WHERE task.job = job.number AND task.builder IS NOT NULL)";

    /// <summary>
    /// A job's state as it is shown: from its first claim to the first end of an attempt it is stored as registered, because a claim that
    /// wrote to the job too would take a fifth longer (docs/decisions/0008).
    /// </summary>
    private const string ShownState =
        $"CASE WHEN job.state = {States.Registered} AND {AnyBuilding} THEN {States.JobBuilding} ELSE job.state END";
}
