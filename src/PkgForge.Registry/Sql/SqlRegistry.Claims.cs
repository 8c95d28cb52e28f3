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
        var order = await ReadLanesAsync(platform, cancel);
        return await TakeFirstAsync(session, order, cancel)
            ?? await StatementAsync(sql => TakeAsync(sql, session, TakeAgain), cancel);
    }

    private async Task<ClaimedTask?> TakeFirstAsync(
        BuilderSession session,
        IReadOnlyList<Lane> lanes,
        CancellationToken cancel
    )
    {
        foreach (var lane in lanes)
        {
            if (await TakeFromAsync(session, lane, cancel) is not { } task)
                continue;
            if (orders.CountClaim(Stored(session.Platform)) % ClaimsPerAdvance == 0)
                await WriteAsync(sql => AdvanceHeadsAsync(sql, session), InDoubt.Repeat, cancel);
            return task;
        }
        return null;
    }

    private async Task<ClaimedTask?> TakeFromAsync(BuilderSession session, Lane lane, CancellationToken cancel)
    {
        try
        {
            return lane.Capped
                ? await WriteAsync(sql => TakeCappedAsync(sql, session, lane), InDoubt.Repeat, cancel)
                : await StatementAsync(sql => TakeAsync(sql, session, TakeNext, lane), cancel);
        }
        catch (DbException e) when (IsDuplicate(e))
        {
            // The builder holds a task already. It is this session's, whose answer was lost on its way; or the name was
            // taken over while the former session claimed.
            return await StatementAsync(sql => TakeAgainAsync(sql, session), cancel)
                ?? await WriteAsync(sql => DropFormerAsync(sql, session), InDoubt.Repeat, cancel);
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
        await sql.QueryAsync(
            statement,
            row => new ClaimedTask(new(row.Long(0), row.Long(1)), row.Id(2), session.Platform, (int)row.Long(1))
            {
                Builder = session.Builder,
            },
            ("name", session.Builder),
            ("session", session.Number),
            ("time", Options.Lease),
            ("others", Options.OthersFirst),
            ("refusals", Options.RefusalTime),
            ("lane", lane?.Id ?? 0),
            ("rank", lane?.Rank ?? 0),
            ("first", lane?.First ?? 0)
        )
            is [var task]
            ? task
            : null;

    private async Task<IReadOnlyList<Lane>> ReadLanesAsync(string platform, CancellationToken cancel) =>
        orders.Keep(
            platform,
            await StatementAsync(
                sql =>
                    sql.QueryAsync(
                        Lanes,
                        row => new Lane(row.Long(0), row.Long(1), row.Long(2), row.Flag(3)),
                        ("platform", platform)
                    ),
                cancel
            )
        );

    /// <summary>What runs, by platform, submitter and bucket: as many rows as there are busy builders, at the most.</summary>
    private const string Busy = $"""
        busy AS MATERIALIZED (
            SELECT lane.platform AS platform, lane.submitter AS submitter, lane.bucket AS bucket, count(*) AS tasks
            FROM {CurrentLanes} JOIN lane ON lane.id = running.lane
            GROUP BY lane.platform, lane.submitter, lane.bucket)
        """;

    private const string Lanes = $"""
        WITH {Busy},
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
            GROUP BY ready.id)
        SELECT ready.id, ready.first_rank, ready.first_id, caps.room IS NOT NULL
        FROM ready JOIN submitter ON submitter.id = ready.submitter LEFT JOIN caps ON caps.lane = ready.id
        WHERE ready.first IS NOT NULL AND (caps.room IS NULL OR caps.room > 0)
        ORDER BY ready.priority DESC,
            (SELECT coalesce(sum(busy.tasks), 0) FROM busy
             WHERE busy.platform = ready.platform AND busy.submitter = ready.submitter),
            submitter.used, ready.first
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

    private const string TakeNext = $"""
        UPDATE task SET
            state = {States.Building}, lease = lease + 1, lease_expires = $NOW + @time, claimed = $NOW, session = @session,
            (builder, turn) = (SELECT builder.id, builder.turn FROM builder WHERE builder.name = @name)
        WHERE id = (
            SELECT id FROM task
            WHERE lane = @lane AND state = {States.Waiting} AND blocked = 0 AND (rank, id) >= (@rank, @first)
              AND {TakesTasks}
              AND (faults = 0 OR NOT ({FailedHere} AND {AnotherRuns}))
              AND (refused = 0 OR NOT {RefusedHere})
            ORDER BY rank, id LIMIT 1 $SKIP_LOCKED)
        RETURNING id, lease, (SELECT job.id FROM job WHERE job.number = task.job)
        """;

    private const string TakeAgain = $"""
        UPDATE task SET lease_expires = $NOW + @time
        WHERE (builder, turn) = (
                SELECT builder.id, builder.turn FROM builder
                WHERE builder.name = @name AND builder.session = @session AND held)
          AND session = @session AND state = {States.Building}
        RETURNING id, lease, (SELECT job.id FROM job WHERE job.number = task.job)
        """;
}
