using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Sources;
using PkgForge.Spool;

namespace PkgForge.Registry.Sql;

/// <summary>A held task: heartbeats, and its end.</summary>
internal abstract partial class SqlRegistry
{
    /// <summary>
    /// The lease is still the task's. Every change of a building task is under this condition. The builder's name is looked up from the task, and not its task by
    /// the name: PostgreSQL would look for that in the index of current tasks, of which it knows only how small it was when it was last counted.
    /// </summary>
    private const string Leased = $"""
        task.id = @task AND task.lease = @lease AND task.state = {States.Building} AND task.session = @session
        AND (SELECT builder.name FROM builder WHERE builder.id = task.builder) = @builder
        """;

    // One statement that changes no indexed column: the sign of life is in the lease itself.
    public Task<LeaseAnswer> HeartbeatAsync(Lease lease, CancellationToken cancel) =>
        StatementAsync(
            async sql =>
                await sql.QueryAsync(
                    $"UPDATE task SET lease_expires = $NOW + @time WHERE {Leased} RETURNING cancel_requested",
                    row => row.Flag(0),
                    [.. Of(lease), ("time", Options.Lease)]
                ) switch
                {
                    [true] => LeaseAnswer.Cancel,
                    [false] => LeaseAnswer.Continue,
                    _ => LeaseAnswer.Lost,
                },
            cancel
        );

    public Task<ClaimedTask?> FindHeldTaskAsync(Lease lease, CancellationToken cancel) =>
        FindTaskAsync(Leased, lease, cancel);

    public async Task<ClaimedTask?> FindGivenTaskAsync(Lease lease, CancellationToken cancel) =>
        await FindHeldTaskAsync(lease, cancel)
        ?? await FindTaskAsync(
            """
            EXISTS (SELECT 1 FROM attempt
                    WHERE attempt.task = task.id AND attempt.number = @lease AND attempt.builder = @builder AND attempt.session = @session)
            """,
            lease,
            cancel
        );

    private Task<ClaimedTask?> FindTaskAsync(string condition, Lease lease, CancellationToken cancel) =>
        StatementAsync(
            async sql =>
                await sql.QueryAsync(
                    $"""
                    SELECT job.id, platform.name, platform.architecture
                    FROM task
                    JOIN job ON job.number = task.job
                    JOIN platform ON platform.id = task.platform
                    WHERE task.id = @task AND {condition}
                    """,
                    row => new ClaimedTask(lease, row.Id(0), row.Key(1)),
                    Of(lease)
                )
                    is [var task]
                    ? task
                    : null,
            cancel
        );

    public async Task<bool> FinishTaskAsync(Lease lease, TaskResult result, Action? whileHeld, CancellationToken cancel)
    {
        var outcome = result.State.Outcome();
        if (result.Products.Count > 0 && outcome != AttemptOutcome.Success)
            throw new ArgumentException("only a task that succeeded has products", nameof(result));
        HeldRow? ended = null;
        var finished = await WriteAsync(
            async sql =>
            {
                ended = await FindHeldAsync(sql, lease);
                if (ended is null)
                    return await HasFinishedAsync(sql, lease, result.State);
                await EndAsync(sql, ended, outcome, result);
                whileHeld?.Invoke();
                return true;
            },
            InDoubt.Repeat,
            cancel
        );
        await ChargeAsync(ended, cancel);
        await MoveOnAsync(ended, cancel);
        return finished;
    }

    public Task<bool> WasAcceptedAsync(AttemptKey attempt, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
            {
                // The lock comes first, in a statement of its own: the next one then sees what was committed before it.
                await sql.NumberAsync(
                    "SELECT task.id FROM task WHERE task.id = @task $LOCK_TASK",
                    ("task", attempt.TaskId)
                );
                return await sql.NumberAsync(
                    $"SELECT 1 FROM attempt WHERE task = @task AND number = @number AND outcome = {States.Accepted}",
                    ("task", attempt.TaskId),
                    ("number", attempt.Number)
                )
                    is not null;
            },
            InDoubt.Repeat,
            cancel
        );

    private async Task EndAsync(Statements sql, HeldRow task, AttemptOutcome outcome, TaskResult result)
    {
        var cause = outcome == AttemptOutcome.Fail ? (result.Cause ?? Cause.Unknown).Name() : null;
        var evidence = result.Evidence is { Length: > 500 } all ? all[..500] : result.Evidence;
        var place = evidence is null ? null : result.Place;
        await EndAttemptAsync(
            sql,
            task,
            outcome,
            ("cause", cause),
            ("evidence", evidence),
            ("offset", place?.Offset),
            ("line", place?.Line),
            ("message", result.Message),
            ("package", outcome == AttemptOutcome.Fail && result.FailedSource is { } file ? SourceName.Of(file) : null)
        );
        FaultPoint.Reach(FaultPoints.EndClosed);
        await sql.ExecuteAsync(
            """
            UPDATE task SET state = @state, builder = NULL, lease_expires = NULL, claimed = NULL, session = NULL, cancel_requested = false
            WHERE id = @task
            """,
            ("state", (int)result.State),
            ("task", task.Lease.TaskId)
        );
        FaultPoint.Reach(FaultPoints.EndEnded);
        foreach (var product in result.Products)
            await AddProductAsync(sql, task.Lease, product);
        await NoteAsync(sql, task, result.Published);
        FaultPoint.Reach(FaultPoints.EndListed);
        await PostAsync(sql, result.Mail);
        await LearnAsync(sql, task, result);
        await ClearFaultsAsync(sql, task, outcome);
        await KeepNameAsync(sql, task);
        if (task.Refused > 0)
            await sql.ExecuteAsync("DELETE FROM refusal WHERE task = @task", ("task", task.Lease.TaskId));
        await WakeCappedAsync(sql, task);
        if (outcome == AttemptOutcome.Success)
            await UnblockAsync(sql, task);
        await DeriveJobsAsync(sql, [task.Job], begun: true);
    }

    /// <summary>
    /// The sign of life of a builder that builds is in its lease, which ends now: its name is to be held on, also while it cleans up. No row is
    /// written where the builder was heard of lately in another way.
    /// </summary>
    private Task KeepNameAsync(Statements sql, HeldRow task) =>
        task.Now - task.BuilderSeen > Options.SessionTimeout / 2
            ? sql.ExecuteAsync("UPDATE builder SET last_seen = $NOW WHERE name = @name", ("name", task.Builder))
            : Task.CompletedTask;

    /// <summary>True when this lease has ended the task in this state: the caller repeats what was done already.</summary>
    private static async Task<bool> HasFinishedAsync(Statements sql, Lease lease, BuildTaskState state) =>
        await sql.NumberAsync(
            """
            SELECT task.id FROM task JOIN attempt ON attempt.task = task.id AND attempt.number = task.lease
            WHERE task.id = @task AND lease = @lease AND state = @state AND outcome = @outcome
              AND attempt.builder = @builder AND attempt.session = @session
            """,
            [.. Of(lease), ("state", (int)state), ("outcome", (int)state.Outcome())]
        )
            is not null;

    /// <summary>Gives the attempt that ends its row. The task's own row still says who ran it, and since when.</summary>
    private static Task<int> EndAttemptAsync(
        Statements sql,
        HeldRow task,
        AttemptOutcome outcome,
        params (string, object?)[] said
    ) =>
        sql.ExecuteAsync(
            """
            INSERT INTO attempt (task, number, builder, session, outcome, started, ended, cause, evidence, evidence_offset, evidence_line, message, package)
            SELECT task.id, task.lease, builder.name, task.session, @outcome, task.claimed, $NOW, @cause, @evidence, @offset, @line, @message,
                   (SELECT id FROM package WHERE name = @package)
            FROM task LEFT JOIN builder ON builder.id = task.builder
            WHERE task.id = @task
            """,
            [("task", task.Lease.TaskId), ("outcome", (int)outcome), .. said]
        );

    private static Task<int> AddProductAsync(Statements sql, Lease lease, Product product) =>
        sql.ExecuteAsync(
            "INSERT INTO product (task, file_name, size, sha256) VALUES (@task, @name, @size, @sha256)",
            ("task", lease.TaskId),
            ("name", product.FileName),
            ("size", product.Size),
            ("sha256", product.Sha256)
        );

    private static (string, object?)[] Of(Lease lease) =>
        [("task", lease.TaskId), ("lease", lease.Number), ("builder", lease.Builder), ("session", lease.Session)];

    /// <summary>Locks a task that is held under this lease; null if it is not.</summary>
    private static async Task<HeldRow?> FindHeldAsync(Statements sql, Lease lease) =>
        await sql.QueryAsync($"{HeldTask} WHERE {Leased} $LOCK_TASK", ReadHeld, Of(lease)) is [var task] ? task : null;

    /// <summary>
    /// The builder is joined from outside, here and where an attempt ends: an inner join would tell PostgreSQL that there is one, and so that the index
    /// of current tasks holds the task. Of that it knows only how small it was when it was last counted, and reads the whole of it.
    /// </summary>
    private const string HeldTask = """
        SELECT task.id, task.lease, task.job, task.faults, task.cancel_requested, platform.name, platform.architecture,
               builder.name, builder.fast_faults, builder.quarantined, lane.submitter, task.claimed, $NOW, job.id, task.lane, task.refused,
               builder.last_seen, EXISTS (SELECT 1 FROM cap), task.session
        FROM task
        JOIN job ON job.number = task.job
        JOIN platform ON platform.id = task.platform
        LEFT JOIN builder ON builder.id = task.builder
        JOIN lane ON lane.id = task.lane
        """;

    private static HeldRow ReadHeld(Row row) =>
        new(new(row.Long(0), row.Long(1), row.Text(7), row.Long(18)), row.Long(2), row.Key(5))
        {
            Faults = row.Int(3),
            CancelRequested = row.Flag(4),
            FastFaults = row.Int(8),
            Quarantined = row.TimeOrNull(9),
            Submitter = row.Long(10),
            Claimed = row.Time(11),
            Now = row.Time(12),
            JobId = row.Id(13),
            Lane = row.Long(14),
            Refused = row.Int(15),
            BuilderSeen = row.TimeOrNull(16),
            IsCapped = row.Flag(17),
        };

    /// <summary>A building task whose row is locked, its builder, and the database's time.</summary>
    private sealed record HeldRow(Lease Lease, long Job, PlatformKey Platform)
    {
        public required int Faults { get; init; }

        public required bool CancelRequested { get; init; }

        public string Builder => Lease.Builder;

        public required int FastFaults { get; init; }

        public required DateTimeOffset? Quarantined { get; init; }

        public required long Submitter { get; init; }

        public required DateTimeOffset Claimed { get; init; }

        public required DateTimeOffset Now { get; init; }

        public required JobId JobId { get; init; }

        public required long Lane { get; init; }

        public required int Refused { get; init; }

        /// <summary>When its builder was last heard of, heartbeats not counted.</summary>
        public required DateTimeOffset? BuilderSeen { get; init; }

        /// <summary>There are caps; perhaps for others only.</summary>
        public required bool IsCapped { get; init; }

        public ClaimedTask Claim => new(Lease, JobId, Platform);

        public TimeSpan Time => Now > Claimed ? Now - Claimed : TimeSpan.Zero;
    }
}
