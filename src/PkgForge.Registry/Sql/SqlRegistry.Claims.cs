using System.Data.Common;
using PkgForge.Jobs;

namespace PkgForge.Registry.Sql;

/// <summary>
/// Claims. The order of lanes is worked out by one query, which a few claims may share under load; taking the first task of a lane is one
/// statement, with nothing in it that grows with history or with what waits.
/// </summary>
internal abstract partial class SqlRegistry
{
    private readonly LaneOrders orders = new(clock, options.OrderAge);

    public async Task<ClaimedTask?> ClaimNextTaskAsync(BuilderSession session, CancellationToken cancel)
    {
        var platform = Stored(session.Platform);
        if (orders.Recent(platform) is { } known && await TakeFirstAsync(session, known, cancel) is { } quick)
            return quick;
        var (lanes, task) = await OrTheHeldAsync(
            session,
            () => StatementAsync(sql => OrderAsync(sql, session), cancel),
            held => (Lanes: [], Task: held),
            cancel
        );
        orders.Keep(platform, lanes);
        if (task is not null)
            return await CountAsync(task, session, cancel);
        return await TakeFirstAsync(session, lanes, cancel)
            ?? await StatementAsync(sql => TakeAgainAsync(sql, session), cancel);
    }

    private async Task<ClaimedTask?> TakeFirstAsync(
        BuilderSession session,
        IReadOnlyList<Lane> lanes,
        CancellationToken cancel
    )
    {
        foreach (var lane in lanes)
        {
            var task = await OrTheHeldAsync(
                session,
                () =>
                    lane.Capped
                        ? WriteAsync(sql => TakeCappedAsync(sql, session, lane), InDoubt.Repeat, cancel)
                        : StatementAsync(sql => TakeAsync(sql, session, TakeNext, lane), cancel),
                held => held,
                cancel
            );
            if (task is not null)
                return await CountAsync(task, session, cancel);
        }
        return null;
    }

    private async Task<ClaimedTask> CountAsync(ClaimedTask task, BuilderSession session, CancellationToken cancel)
    {
        if (orders.CountClaim(Stored(session.Platform)) % ClaimsPerAdvance == 0)
            await WriteAsync(sql => AdvanceHeadsAsync(sql, session), InDoubt.Repeat, cancel);
        return task;
    }

    /// <summary>
    /// A builder that claims may hold a task already. It is this session's, whose answer was lost on its way; or the name was taken over while the
    /// former session claimed.
    /// </summary>
    private async Task<T> OrTheHeldAsync<T>(
        BuilderSession session,
        Func<Task<T>> claim,
        Func<ClaimedTask?, T> held,
        CancellationToken cancel
    )
    {
        try
        {
            return await claim();
        }
        catch (DbException e) when (IsDuplicate(e))
        {
            return held(
                await StatementAsync(sql => TakeAgainAsync(sql, session), cancel)
                    ?? await WriteAsync(sql => DropFormerAsync(sql, session), InDoubt.Repeat, cancel)
            );
        }
    }

    private Task<ClaimedTask?> TakeAgainAsync(Statements sql, BuilderSession session) =>
        TakeAsync(sql, session, TakeAgain);

    private async Task<ClaimedTask?> DropFormerAsync(Statements sql, BuilderSession session)
    {
        if (await HoldAsync(sql, session) is not null && await FindBuilderAsync(sql, session.Builder) is { } builder)
            await LoseTaskOfAsync(sql, builder.Id, new($"builder '{session.Builder}' was started again"));
        return null;
    }

    /// <summary>Under a cap claims go one after the other: the cap's row is locked before what runs is counted.</summary>
    private async Task<ClaimedTask?> TakeCappedAsync(Statements sql, BuilderSession session, Lane lane)
    {
        await sql.QueryAsync($"SELECT tasks FROM cap WHERE {CapOf} $LOCK_CAP", row => row.Int(0), ("lane", lane.Id));
        var full = await sql.NumberAsync($"SELECT 1 FROM cap WHERE {CapOf} AND {Reached}", ("lane", lane.Id));
        return full is null ? await TakeAsync(sql, session, TakeNext, lane) : null;
    }

    private async Task<ClaimedTask?> TakeAsync(
        Statements sql,
        BuilderSession session,
        string statement,
        Lane? lane = null
    ) =>
        await sql.QueryAsync(statement, row => ReadClaimed(row, 0, session), Claim(session, lane)) is [var task]
            ? task
            : null;

    protected static ClaimedTask ReadClaimed(Row row, int column, BuilderSession session) =>
        new(
            new(row.Long(column), row.Long(column + 1), session.Builder, session.Number),
            row.Id(column + 2),
            session.Platform
        );

    /// <summary>What the statements of a claim are given.</summary>
    protected (string Name, object? Value)[] Claim(BuilderSession session, Lane? lane = null) =>
        [
            ("platform", Stored(session.Platform)),
            ("name", session.Builder),
            ("session", session.Number),
            ("time", Options.Lease),
            ("others", Options.OthersFirst),
            ("refusals", Options.RefusalTime),
            ("lane", lane?.Id ?? 0),
            ("rank", lane?.Rank ?? 0),
            ("first", lane?.First ?? 0),
        ];

    /// <summary>Works out the order of lanes; and, where the database can do so in the same statement, takes a task of the first.</summary>
    protected virtual async Task<(IReadOnlyList<Lane> Lanes, ClaimedTask? Task)> OrderAsync(
        Statements sql,
        BuilderSession session
    ) => (await sql.QueryAsync($"WITH {Order} SELECT * FROM lanes ORDER BY place", ReadLane, Claim(session)), null);

    protected static Lane ReadLane(Row row) => new(row.Long(0), row.Long(1), row.Long(2), row.Flag(3));

    /// <summary>What runs, by platform, submitter and bucket: as many rows as there are busy builders, at the most.</summary>
    private const string Busy = $"""
        busy AS MATERIALIZED (
            SELECT lane.platform AS platform, lane.submitter AS submitter, lane.bucket AS bucket, count(*) AS tasks
            FROM {CurrentLanes} JOIN lane ON lane.id = running.lane
            GROUP BY lane.platform, lane.submitter, lane.bucket)
        """;

    /// <summary>The lanes of a platform that have a task to give, as a table of <see cref="Lane"/>s and their places.</summary>
    protected const string Order = $"""
        {Busy},
        ready AS MATERIALIZED (
            SELECT lane.id, lane.platform, lane.priority, lane.submitter, lane.bucket, lane.first_rank, lane.first_id,
                   (SELECT task.id {FirstReady}) AS first
            FROM lane
            WHERE lane.platform = (SELECT id FROM platform WHERE key = @platform AND active)),
        caps AS MATERIALIZED (
            SELECT ready.id AS lane, min(cap.tasks - (
                       SELECT coalesce(sum(busy.tasks), 0) FROM busy
                       WHERE CASE WHEN cap.kind = 'bucket' THEN busy.bucket = ready.bucket ELSE busy.submitter = ready.submitter END)) AS room
            FROM ready JOIN submitter ON submitter.id = ready.submitter
            JOIN cap ON (cap.kind = 'bucket' AND cap.name = ready.bucket) OR (cap.kind = 'submitter' AND {CapOfSubmitter})
            WHERE ready.first IS NOT NULL
            GROUP BY ready.id),
        lanes AS MATERIALIZED (
            SELECT ready.id, ready.first_rank, ready.first_id, caps.room IS NOT NULL AS capped,
                row_number() OVER (ORDER BY ready.priority DESC,
                    (SELECT coalesce(sum(busy.tasks), 0) FROM busy
                     WHERE busy.platform = ready.platform AND busy.submitter = ready.submitter),
                    submitter.used, ready.first) AS place
            FROM ready JOIN submitter ON submitter.id = ready.submitter LEFT JOIN caps ON caps.lane = ready.id
            WHERE ready.first IS NOT NULL AND (caps.room IS NULL OR caps.room > 0))
        """;

    /// <summary>A submitter's own cap, or everybody's for one who has none.</summary>
    private const string CapOfSubmitter = """
        (cap.name = submitter.name
         OR (cap.name = '*' AND NOT EXISTS (SELECT 1 FROM cap AS own WHERE own.kind = 'submitter' AND own.name = submitter.name)))
        """;

    private const string CapOf = $"""
        EXISTS (SELECT 1 FROM lane JOIN submitter ON submitter.id = lane.submitter
                WHERE lane.id = @lane
                  AND ((cap.kind = 'bucket' AND cap.name = lane.bucket) OR (cap.kind = 'submitter' AND {CapOfSubmitter})))
        """;

    private const string Reached = $"""
        cap.tasks <= (SELECT count(*)
                      FROM {CurrentLanes} JOIN lane ON lane.id = running.lane JOIN lane AS mine ON mine.id = @lane
                      WHERE CASE WHEN cap.kind = 'bucket' THEN lane.bucket = mine.bucket ELSE lane.submitter = mine.submitter END)
        """;

    /// <summary>The session is the name's, and the builder gets tasks.</summary>
    private const string TakesTasks = """
        EXISTS (SELECT 1 FROM builder
                WHERE name = @name AND session = @session AND held AND NOT draining
                  AND (quarantine IS NULL OR canary <= $NOW))
        """;

    /// <summary>
    /// This builder's last try at the task was a farm fault, lately. Another one is to have it then, if there is one; but not for ever: that one
    /// may be hours from its next claim.
    /// </summary>
    private const string FailedHere = $"""
        EXISTS (SELECT 1 FROM attempt
                WHERE attempt.task = task.id AND attempt.number = task.lease AND attempt.builder = @name
                  AND attempt.outcome IN ({States.Lost}, {States.FarmFault}) AND attempt.ended > $NOW - @others)
        """;

    private const string AnotherRuns = """
        EXISTS (SELECT 1 FROM builder AS other
                WHERE other.platform = task.platform AND other.name <> @name
                  AND other.held AND other.last_seen > $NOW - @others AND NOT other.draining AND other.quarantine IS NULL)
        """;

    private const string RefusedHere = """
        EXISTS (SELECT 1 FROM refusal
                WHERE refusal.task = task.id AND refusal.builder = @name AND refusal.refused > $NOW - @refusals)
        """;

    /// <summary>Gives a task to the builder, as an attempt that begins now.</summary>
    protected const string Take = $"""
        UPDATE task SET
            state = {States.Building}, lease = lease + 1, lease_expires = $NOW + @time, claimed = $NOW, session = @session,
            (builder, turn) = (SELECT builder.id, builder.turn FROM builder WHERE builder.name = @name)
        """;

    /// <summary>
    /// What a claim returns; see <see cref="ReadClaimed"/>. With it goes that its commit does not wait for the disk (<c>docs/decisions/0021</c>). Guaranteed if the database server
    /// crashes: a claim that is lost is as if it had never been, for whoever asks after it, too; whatever is committed later keeps it, because the server writes in order.
    /// </summary>
    protected const string Taken =
        "id, lease, (SELECT job.id FROM job WHERE job.number = task.job) AS job, $UNFLUSHED AS unflushed";

    /// <summary>The conditions under which the builder may have a task.</summary>
    protected const string MayTake = $"""
        state = {States.Waiting} AND blocked = 0 AND {TakesTasks}
        AND (faults = 0 OR NOT ({FailedHere} AND {AnotherRuns}))
        AND (refused = 0 OR NOT {RefusedHere})
        """;

    /// <summary>Gives the builder the first task of a lane that it may have.</summary>
    protected const string TakeNext = $"""
        {Take}
        WHERE id = (SELECT id FROM task WHERE lane = @lane AND (rank, id) >= (@rank, @first) AND {MayTake}
                    ORDER BY rank, id LIMIT 1 $SKIP_LOCKED)
        RETURNING {Taken}
        """;

    private const string TakeAgain = $"""
        UPDATE task SET lease_expires = $NOW + @time
        WHERE (builder, turn) = (
                SELECT builder.id, builder.turn FROM builder
                WHERE builder.name = @name AND builder.session = @session AND held)
          AND session = @session AND state = {States.Building}
        RETURNING {Taken}
        """;
}
