using System.Globalization;
using System.Text;
using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

internal abstract partial class SqlRegistry
{
    private const string SummaryColumns =
        $"id, {ShownState}, submitter, bucket, scratch, submitted, registered, ended, sources, reason, number, priority, warnings";

    private const string Summary = $"SELECT {SummaryColumns} FROM job";

    public Task<JobDetail?> FindJobAsync(JobId id, CancellationToken cancel) =>
        ReadAsync(
            async sql =>
                await sql.QueryAsync(
                    $"{Summary} WHERE id = @id",
                    row => (Job: ReadSummary(row), Number: row.Long(10)),
                    ("id", id.ToString())
                )
                    is [var (job, number)]
                    ? new JobDetail(job, await TasksAsync(sql, number))
                    : null,
            cancel
        );

    public Task<IReadOnlyList<Product>> ListProductsAsync(JobId job, PlatformKey platform, CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<Product>>(
            async sql =>
                await sql.QueryAsync(
                    """
                    SELECT file_name, size, product.sha256
                    FROM job JOIN task ON task.job = job.number JOIN product ON product.task = task.id
                    WHERE job.id = @job AND task.platform = (SELECT id FROM platform WHERE key = @platform)
                    ORDER BY file_name
                    """,
                    row => new Product(row.Text(0), row.Long(1), row.Text(2)),
                    ("job", job.ToString()),
                    ("platform", Stored(platform))
                ),
            cancel
        );

    public async Task<IReadOnlyList<JobSummary>> ListJobsAsync(JobQuery query, CancellationToken cancel) =>
        query.IsPlain ? await ListPlainAsync(query, cancel) : (await FindJobsAsync(query, cancel)).Jobs;

    private Task<IReadOnlyList<JobSummary>> ListPlainAsync(JobQuery query, CancellationToken cancel)
    {
        var text = new StringBuilder(Summary).Append(" WHERE true");
        var parameters = new List<(string, object?)>();
        if (query.Submitter is not null)
        {
            text.Append(" AND submitter = @submitter");
            parameters.Add(("submitter", query.Submitter));
        }
        if (query.State is { } state)
            text.Append(" AND ").Append(InState(state));
        if (query.After is { } after)
        {
            text.Append(" AND number < (SELECT number FROM job WHERE id = @after)");
            parameters.Add(("after", after.ToString()));
        }
        // As text: for a limit that it does not know, PostgreSQL plans anew at every page of a large table, which takes as long as the page.
        text.Append(CultureInfo.InvariantCulture, $" ORDER BY number DESC LIMIT {Math.Clamp(query.Limit, 0, 1000)}");
        return StatementAsync<IReadOnlyList<JobSummary>>(
            async sql => await sql.QueryAsync(text.ToString(), ReadSummary, [.. parameters]),
            cancel
        );
    }

    /// <summary>The condition for a state as it is shown. The numbers are text, so that indexes on live jobs serve.</summary>
    private static string InState(JobState state) =>
        state switch
        {
            JobState.Registered => $"(state = {States.Registered} AND NOT {AnyBuilding})",
            JobState.Building => $"(state = {States.JobBuilding} OR (state = {States.Registered} AND {AnyBuilding}))",
            _ => $"state = {(int)state}",
        };

    private static async Task<IReadOnlyList<BuildTask>> TasksAsync(Statements sql, long job)
    {
        var attempts = (
            await sql.QueryAsync(
                """
                SELECT task, number, attempt.builder, outcome, started, ended, cause, evidence, message, evidence_offset, evidence_line
                FROM task JOIN attempt ON attempt.task = task.id
                WHERE task.job = @job
                ORDER BY task, number
                """,
                row => (Task: row.Long(0), Attempt: ReadAttempt(row)),
                ("job", job)
            )
        ).ToLookup(row => row.Task, row => row.Attempt);
        return await sql.QueryAsync(
            """
            SELECT task.id, platform.name, architecture, state, cancel_requested, task.lease, builder.name, task.claimed, task.estimate
            FROM task
            JOIN platform ON platform.id = task.platform
            LEFT JOIN builder ON builder.id = task.builder
            WHERE task.job = @job
            ORDER BY lower(platform.name), lower(architecture)
            """,
            row => new BuildTask(
                row.Key(1),
                (BuildTaskState)row.Int(3),
                row.Flag(4),
                [.. attempts[row.Long(0)], .. Running(row)]
            )
            {
                Estimate = row.LongOrNull(8) is { } estimate ? TimeSpan.FromMilliseconds(estimate) : null,
            },
            ("job", job)
        );
    }

    /// <summary>The attempt that runs now stands in the task's own row.</summary>
    private static IEnumerable<Attempt> Running(Row row) =>
        row.IsNull(6)
            ? []
            : [new(row.Int(5), row.Text(6), AttemptOutcome.Running, row.Time(7), null, null, null, null)];

    private static JobSummary ReadSummary(Row row) =>
        new(
            row.Id(0),
            (JobState)row.Int(1),
            row.Text(2),
            row.Text(3),
            row.Flag(4),
            row.Time(5),
            row.Time(6),
            row.TimeOrNull(7),
            Json.List(row.Text(8)),
            row.TextOrNull(9)
        )
        {
            Priority = (Priority)row.Int(11),
            Warnings = row.TextOrNull(12) is { } warnings ? Json.List(warnings) : [],
        };

    private static Attempt ReadAttempt(Row row) =>
        new(
            row.Int(1),
            row.Text(2),
            (AttemptOutcome)row.Int(3),
            row.Time(4),
            row.TimeOrNull(5),
            row.TextOrNull(6) is { } cause ? CauseNames.Parse(cause) : null,
            row.TextOrNull(7),
            row.TextOrNull(8)
        )
        {
            Place = LogPlace.Of(row.LongOrNull(9), row.LongOrNull(10)),
        };
}
