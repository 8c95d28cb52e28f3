using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

/// <summary>Tasks that go back: put back by their builder, lost, or expired.</summary>
internal abstract partial class SqlRegistry
{
    /// <summary>So many expired leases are put back in one transaction; more take another one.</summary>
    private const int ReleaseBatch = 100;

    private const string HeldTask = """
        SELECT task.id, task.lease, task.job, task.faults, task.cancel_requested, platform.name, platform.architecture
        FROM task JOIN platform ON platform.id = task.platform
        """;

    public Task<RequeueOutcome> RequeueAsync(
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
        return WriteAsync(
            async sql =>
            {
                var held = await sql.QueryAsync(
                    $"{HeldTask} WHERE task.id = @task AND lease = @lease AND state = {States.Building} $LOCK_TASK",
                    ReadHeld,
                    Of(lease)
                );
                if (held is not [var task])
                    return RequeueOutcome.Refused;
                var put = await PutBackAsync(sql, task, outcome, message);
                await DeriveJobsAsync(sql, [task.Job]);
                await PostAsync(sql, put == RequeueOutcome.GivenUp ? ifGivenUp : null);
                return put;
            },
            InDoubt.Repeat,
            cancel
        );
    }

    public async Task<int> ReleaseExpiredAsync(CancellationToken cancel)
    {
        var total = 0;
        while (await ReadAsync(AnyExpiredAsync, cancel))
        {
            var released = await WriteAsync(ReleaseBatchAsync, InDoubt.Repeat, cancel);
            total += released;
            if (released < ReleaseBatch)
                break;
        }
        return total;
    }

    private static async Task<bool> AnyExpiredAsync(Statements sql) =>
        await sql.NumberAsync($"SELECT id FROM task WHERE state = {States.Building} AND lease_expires < $NOW LIMIT 1")
            is not null;

    private async Task<int> ReleaseBatchAsync(Statements sql)
    {
        var expired = await sql.QueryAsync(
            $"{HeldTask} WHERE state = {States.Building} AND lease_expires < $NOW ORDER BY lease_expires LIMIT {ReleaseBatch} $SKIP_LOCKED_TASK",
            ReadHeld
        );
        foreach (var task in expired)
            await PutBackAsync(
                sql,
                task,
                AttemptOutcome.Lost,
                "the builder was not heard of any more: its lease expired"
            );
        await DeriveJobsAsync(sql, expired.Select(task => task.Job));
        return expired.Count;
    }

    /// <summary>Puts back, as lost, the task that a builder still holds. The builder's row is locked.</summary>
    private async Task PutBackTaskOfAsync(Statements sql, BuilderRow builder, string why)
    {
        var held = await sql.QueryAsync(
            $"{HeldTask} WHERE task.builder = @builder AND state = {States.Building} $LOCK_TASK",
            ReadHeld,
            ("builder", builder.Id)
        );
        foreach (var task in held)
            await PutBackAsync(sql, task, AttemptOutcome.Lost, why);
        await DeriveJobsAsync(sql, held.Select(task => task.Job));
    }

    /// <summary>Closes the attempt of a task whose row is locked and moves the task on. The job is left to derive.</summary>
    private async Task<RequeueOutcome> PutBackAsync(
        Statements sql,
        HeldRow task,
        AttemptOutcome outcome,
        string message
    )
    {
        var faults = outcome == AttemptOutcome.Interrupted ? task.Faults : task.Faults + 1;
        var (put, state) = task switch
        {
            { CancelRequested: true } => (RequeueOutcome.Cancelled, BuildTaskState.Cancelled),
            _ when faults > task.Faults && faults >= Options.MaxFaults => (RequeueOutcome.GivenUp, BuildTaskState.Fail),
            _ => (RequeueOutcome.PutBack, BuildTaskState.NeedsBuild),
        };
        await sql.ExecuteAsync(
            """
            UPDATE task SET state = @state, builder = NULL, lease_expires = NULL, cancel_requested = false, faults = @faults
            WHERE id = @task
            """,
            ("state", (int)state),
            ("faults", faults),
            ("task", task.Lease.TaskId)
        );
        await EndAttemptAsync(sql, task.Lease, outcome, ("cause", null), ("evidence", null), ("message", message));
        if (put == RequeueOutcome.PutBack)
            sql.Wake(task.Platform);
        return put;
    }

    private static HeldRow ReadHeld(Row row) =>
        new(new(row.Long(0), row.Long(1)), row.Long(2), row.Int(3), row.Flag(4), row.Key(5));

    private sealed record HeldRow(Lease Lease, long Job, int Faults, bool CancelRequested, PlatformKey Platform);
}
