using PkgForge.Spool;

namespace PkgForge.Registry.Sql;

/// <summary>Tasks that go back: put back or refused by their builder, lost, or expired.</summary>
internal abstract partial class SqlRegistry
{
    /// <summary>So many expired leases are put back in one transaction; more take another one.</summary>
    private const int ReleaseBatch = 100;

    public async Task<RequeueOutcome> RequeueAsync(
        Lease lease,
        AttemptOutcome outcome,
        string message,
        OutgoingMail? ifGivenUp,
        CancellationToken cancel
    )
    {
        if (outcome is not (AttemptOutcome.Interrupted or AttemptOutcome.FarmFault))
            throw new ArgumentOutOfRangeException(
                nameof(outcome),
                outcome,
                "a builder puts a task back as interrupted or as a farm fault"
            );
        HeldRow? held = null;
        var became = await WriteAsync(
            async sql =>
            {
                held = await FindHeldAsync(sql, lease);
                if (held is not { } task)
                    return RequeueOutcome.Refused;
                var put = await PutBackAsync(sql, task, outcome, message);
                if (outcome == AttemptOutcome.FarmFault)
                    await NoteFaultAsync(sql, task, message);
                await DeriveJobsAsync(sql, [task.Job], begun: true);
                await PostAsync(sql, put == RequeueOutcome.GivenUp ? ifGivenUp : null);
                return put;
            },
            InDoubt.Repeat,
            cancel
        );
        await ChargeAsync(held, cancel);
        return became;
    }

    public Task<bool> RefuseTaskAsync(Lease lease, string reason, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
            {
                if (await FindHeldAsync(sql, lease) is not { } task)
                    return false;
                await PutBackAsync(sql, task, AttemptOutcome.Interrupted, $"refused by its builder: {reason}");
                await sql.ExecuteAsync(
                    """
                    INSERT INTO refusal (task, builder, reason, refused) VALUES (@task, @builder, @reason, $NOW)
                    ON CONFLICT (task, builder) DO UPDATE SET reason = excluded.reason, refused = excluded.refused
                    """,
                    ("task", lease.TaskId),
                    ("builder", task.Builder),
                    ("reason", reason)
                );
                await sql.ExecuteAsync(
                    "UPDATE task SET refused = (SELECT count(*) FROM refusal WHERE task = @task) WHERE id = @task",
                    ("task", lease.TaskId)
                );
                await DeriveJobsAsync(sql, [task.Job], begun: true);
                return true;
            },
            InDoubt.Repeat,
            cancel
        );

    public async Task<int> ReleaseExpiredAsync(LossReport? report, CancellationToken cancel)
    {
        var total = 0;
        while (await StatementAsync(AnyExpiredAsync, cancel))
        {
            var released = await WriteAsync(sql => ReleaseBatchAsync(sql, report), InDoubt.Repeat, cancel);
            total += released;
            if (released < ReleaseBatch)
                break;
        }
        return total;
    }

    /// <summary>
    /// A builder whose lease has expired: nothing was heard of it for that long. While the database was away it could not be heard of: until the
    /// database has been there for a lease's time, nobody has been silent for that long.
    /// </summary>
    private const string Silent = $"(SELECT task.lease_expires FROM task WHERE {IsCurrent}) < $NOW AND $UP_FOR(@grace)";

    private async Task<bool> AnyExpiredAsync(Statements sql) =>
        await sql.NumberAsync(
            $"SELECT id FROM builder WHERE {Silent} LIMIT 1",
            ("grace", Options.AfterRestart ?? Options.Lease)
        )
            is not null;

    /// <summary>Builders are locked before their tasks, as everywhere; who is being looked after by another process is passed by.</summary>
    private async Task<int> ReleaseBatchAsync(Statements sql, LossReport? report)
    {
        var expired = new Loss("the builder was not heard of any more: its lease expired")
        {
            Condition = "task.lease_expires < $NOW $SKIP_LOCKED_TASK",
            IsFault = true,
            Report = report,
        };
        var silent = await sql.QueryAsync(
            $"SELECT builder.id FROM builder WHERE {Silent} ORDER BY builder.id LIMIT {ReleaseBatch} $PASS_BUILDER",
            row => row.Long(0),
            ("grace", Options.AfterRestart ?? Options.Lease)
        );
        var released = 0;
        foreach (var builder in silent)
            released += await LoseTaskOfAsync(sql, builder, expired);
        return released;
    }

    /// <summary>Puts back, as lost, the task that a builder still holds. The builder's row is locked.</summary>
    private async Task<int> LoseTaskOfAsync(Statements sql, long builder, Loss loss)
    {
        var held = await sql.QueryAsync(
            $"{HeldTask} WHERE task.builder = @builder AND task.state = {States.Building} AND {loss.Condition}",
            ReadHeld,
            ("builder", builder)
        );
        foreach (var task in held)
        {
            var put = await PutBackAsync(sql, task, AttemptOutcome.Lost, loss.Why);
            if (loss.IsFault)
                await NoteFaultAsync(sql, task, loss.Why);
            if (put == RequeueOutcome.GivenUp)
                await PostAsync(sql, loss.Report?.Invoke(task.Claim, loss.Why));
        }
        await DeriveJobsAsync(sql, held.Select(task => task.Job), begun: true);
        return held.Count;
    }

    /// <summary>How a task was lost.</summary>
    /// <param name="Why">For a person.</param>
    private sealed record Loss(string Why)
    {
        /// <summary>When it is, and how its row is locked.</summary>
        public string Condition { get; init; } = "true $LOCK_TASK";

        /// <summary>Its builder died, which counts against it like every fault of the farm.</summary>
        public bool IsFault { get; init; }

        public LossReport? Report { get; init; }
    }

    /// <summary>Closes the attempt of a task whose row is locked and moves the task on. The job is left to derive.</summary>
    private async Task<RequeueOutcome> PutBackAsync(
        Statements sql,
        HeldRow task,
        AttemptOutcome outcome,
        string message
    )
    {
        // A builder in quarantine is tried with a task that bears no blame for what becomes of it.
        var counts = outcome != AttemptOutcome.Interrupted && task.Quarantined is null;
        var faults = counts ? task.Faults + 1 : task.Faults;
        var (put, state) = task switch
        {
            { CancelRequested: true } => (RequeueOutcome.Cancelled, BuildTaskState.Cancelled),
            _ when counts && faults >= Options.MaxFaults => (RequeueOutcome.GivenUp, BuildTaskState.Fail),
            _ => (RequeueOutcome.PutBack, BuildTaskState.NeedsBuild),
        };
        await EndAttemptAsync(
            sql,
            task,
            outcome,
            ("cause", null),
            ("evidence", null),
            ("offset", null),
            ("line", null),
            ("message", message),
            ("package", null)
        );
        await sql.ExecuteAsync(
            """
            UPDATE task SET
                state = @state, builder = NULL, lease_expires = NULL, claimed = NULL, session = NULL, cancel_requested = false,
                faults = @faults, waiting = $NOW
            WHERE id = @task
            """,
            ("state", (int)state),
            ("faults", faults),
            ("task", task.Lease.TaskId)
        );
        FaultPoint.Reach(FaultPoints.ReleasePutBack);
        if (put == RequeueOutcome.PutBack)
            await WaitAgainAsync(sql, task.Lease.TaskId, task.Platform);
        await WakeCappedAsync(sql, task);
        return put;
    }
}
