namespace PkgForge.Registry.Sql;

internal abstract partial class SqlRegistry
{
    /// <summary>The lease is still the task's. Every change of a building task is under this condition.</summary>
    private const string Leased = $"id = @task AND lease = @lease AND state = {States.Building}";

    public async Task<ClaimedTask?> ClaimNextTaskAsync(BuilderSession session, CancellationToken cancel)
    {
        // A transaction of its own, and only if there is something to do: it locks jobs, and the claim then locks tasks.
        await ReleaseExpiredAsync(cancel);
        return await WriteAsync(sql => ClaimAsync(sql, session), InDoubt.Repeat, cancel);
    }

    public Task<LeaseAnswer> HeartbeatAsync(Lease lease, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
            {
                await sql.ExecuteAsync(
                    $"UPDATE builder SET last_seen = $NOW WHERE held AND id = (SELECT builder FROM task WHERE {Leased})",
                    Of(lease)
                );
                var cancelled = await sql.QueryAsync(
                    $"UPDATE task SET lease_expires = $NOW + @time WHERE {Leased} RETURNING cancel_requested",
                    row => row.Flag(0),
                    [.. Of(lease), ("time", Options.Lease)]
                );
                return cancelled switch
                {
                    [true] => LeaseAnswer.Cancel,
                    [false] => LeaseAnswer.Continue,
                    _ => LeaseAnswer.Lost,
                };
            },
            InDoubt.Repeat,
            cancel
        );

    public Task<bool> FinishTaskAsync(Lease lease, TaskResult result, CancellationToken cancel)
    {
        var outcome = result.State.Outcome();
        if (result.Products.Count > 0 && outcome != AttemptOutcome.Success)
            throw new ArgumentException("only a task that succeeded has products", nameof(result));
        return WriteAsync(
            async sql =>
            {
                var job = await sql.NumberAsync(
                    $"""
                    UPDATE task SET state = @state, builder = NULL, lease_expires = NULL, cancel_requested = false
                    WHERE {Leased} RETURNING job
                    """,
                    [.. Of(lease), ("state", (int)result.State)]
                );
                if (job is null)
                    return await HasFinishedAsync(sql, lease, result.State);
                await EndAttemptAsync(sql, lease, outcome, result);
                foreach (var product in result.Products)
                    await AddProductAsync(sql, lease, product);
                await PostAsync(sql, result.Mail);
                await DeriveJobsAsync(sql, [job.Value]);
                return true;
            },
            InDoubt.Repeat,
            cancel
        );
    }

    private async Task<ClaimedTask?> ClaimAsync(Statements sql, BuilderSession session)
    {
        if (await HoldAsync(sql, session) is not { } builder)
            return null;
        // A session that has a task already asks again because the answer was lost on its way.
        var claimed =
            await UpdateClaimAsync(sql, ClaimAgain, builder, session)
            ?? await UpdateClaimAsync(sql, ClaimFirst, builder, session);
        if (claimed is not { } claim)
            return null;
        await sql.ExecuteAsync(
            """
            INSERT INTO attempt (task, number, builder, session, started) VALUES (@task, @number, @builder, @session, $NOW)
            ON CONFLICT (task, number) DO NOTHING
            """,
            ("task", claim.Task),
            ("number", claim.Number),
            ("builder", session.Builder),
            ("session", session.Number)
        );
        await DeriveJobsAsync(sql, [claim.Job]);
        var ids = await sql.QueryAsync("SELECT id FROM job WHERE number = @job", row => row.Id(0), ("job", claim.Job));
        return new(new(claim.Task, claim.Number), ids[0], session.Platform, (int)claim.Number)
        {
            Builder = session.Builder,
        };
    }

    private async Task<(long Task, long Number, long Job)?> UpdateClaimAsync(
        Statements sql,
        string statement,
        long builder,
        BuilderSession session
    ) =>
        await sql.QueryAsync(
            statement,
            row => (row.Long(0), row.Long(1), row.Long(2)),
            ("time", Options.Lease),
            ("builder", builder),
            ("name", session.Builder),
            ("timeout", Options.SessionTimeout)
        )
            is [var claim]
            ? claim
            : null;

    private const string ClaimAgain = $"""
        UPDATE task SET lease_expires = $NOW + @time
        WHERE builder = @builder AND state = {States.Building}
        RETURNING id, lease, job
        """;

    /// <summary>
    /// This builder's last try at the task was a farm fault, lately. Another one is to have it then, if there is one; but not for ever: that one
    /// may be quarantined, or hours from its next claim.
    /// </summary>
    private const string FailedHere = $"""
        EXISTS (SELECT 1 FROM attempt
                WHERE attempt.task = task.id AND attempt.number = task.lease AND attempt.builder = @name
                  AND attempt.outcome IN ({States.Lost}, {States.FarmFault}) AND attempt.ended > $NOW - @timeout)
        """;

    private const string AnotherRuns = """
        EXISTS (SELECT 1 FROM builder AS other
                WHERE other.platform = task.platform AND other.id <> @builder
                  AND other.held AND other.last_seen > $NOW - @timeout)
        """;

    private const string ClaimFirst = $"""
        UPDATE task SET state = {States.Building}, lease = lease + 1, lease_expires = $NOW + @time, builder = @builder
        WHERE id = (
            SELECT id FROM task
            WHERE state = {States.Waiting} AND platform = (SELECT platform FROM builder WHERE id = @builder)
              AND NOT (faults > 0 AND {FailedHere} AND {AnotherRuns})
            ORDER BY priority DESC, id LIMIT 1 $SKIP_LOCKED)
        RETURNING id, lease, job
        """;

    /// <summary>True when this lease has ended the task in this state: the caller repeats what was done already.</summary>
    private static async Task<bool> HasFinishedAsync(Statements sql, Lease lease, BuildTaskState state) =>
        await sql.NumberAsync(
            """
            SELECT task.id FROM task JOIN attempt ON attempt.task = task.id AND attempt.number = task.lease
            WHERE task.id = @task AND lease = @lease AND state = @state AND outcome = @outcome
            """,
            [.. Of(lease), ("state", (int)state), ("outcome", (int)state.Outcome())]
        )
            is not null;

    private static Task<int> EndAttemptAsync(Statements sql, Lease lease, AttemptOutcome outcome, TaskResult result)
    {
        var cause = outcome == AttemptOutcome.Fail ? (result.Cause ?? Cause.Unknown).Name() : null;
        var evidence = result.Evidence is { Length: > 500 } all ? all[..500] : result.Evidence;
        return EndAttemptAsync(
            sql,
            lease,
            outcome,
            ("cause", cause),
            ("evidence", evidence),
            ("message", result.Message)
        );
    }

    private static Task<int> EndAttemptAsync(
        Statements sql,
        Lease lease,
        AttemptOutcome outcome,
        params (string, object?)[] said
    ) =>
        sql.ExecuteAsync(
            """
            UPDATE attempt SET outcome = @outcome, ended = $NOW, cause = @cause, evidence = @evidence, message = @message
            WHERE task = @task AND number = @lease
            """,
            [.. Of(lease), ("outcome", (int)outcome), .. said]
        );

    private static Task<int> AddProductAsync(Statements sql, Lease lease, Product product) =>
        sql.ExecuteAsync(
            "INSERT INTO product (task, file_name, size, sha256) VALUES (@task, @name, @size, @sha256)",
            ("task", lease.TaskId),
            ("name", product.FileName),
            ("size", product.Size),
            ("sha256", product.Sha256)
        );

    private static (string, object?)[] Of(Lease lease) => [("task", lease.TaskId), ("lease", lease.Number)];
}
