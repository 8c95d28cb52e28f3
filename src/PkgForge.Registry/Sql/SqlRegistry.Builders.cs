using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

internal abstract partial class SqlRegistry
{
    /// <summary>A process holds the builder's name and has shown itself lately.</summary>
    private const string IsRunning = $"""
        (builder.held
         AND (builder.last_seen > $NOW - @timeout
              OR EXISTS (SELECT 1 FROM task AS held
                         WHERE held.builder = builder.id AND held.state = {States.Building} AND held.lease_expires > $NOW)))
        """;

    /// <summary>While a builder builds, its heartbeats are in the task's lease.</summary>
    private const string LastSeen = $"""
        CASE WHEN task.lease_expires IS NULL OR task.lease_expires - @lease < builder.last_seen
             THEN builder.last_seen ELSE task.lease_expires - @lease END
        """;

    public Task<bool> AddBuilderAsync(string name, PlatformKey platform, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return WriteAsync(
            async sql =>
            {
                var id =
                    await sql.NumberAsync("SELECT id FROM platform WHERE key = @key", ("key", Stored(platform)))
                    ?? throw new UnknownPlatformException(platform);
                // Sessions count on from the time: a process of a deleted builder of this name must stay refused.
                return await sql.ExecuteAsync(
                        """
                        INSERT INTO builder (name, platform, session) VALUES (@name, @platform, $MILLISECONDS)
                        ON CONFLICT (name) DO NOTHING
                        """,
                        ("name", name),
                        ("platform", id)
                    ) == 1;
            },
            InDoubt.Tell,
            cancel
        );
    }

    public Task<DeleteBuilderOutcome> DeleteBuilderAsync(string name, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
            {
                if (await FindBuilderAsync(sql, name) is not { } builder)
                    return DeleteBuilderOutcome.NotFound;
                if (builder.Running)
                    return DeleteBuilderOutcome.Running;
                await LoseTaskOfAsync(sql, builder.Id, new("its builder was deleted"));
                await sql.ExecuteAsync("DELETE FROM builder WHERE id = @id", ("id", builder.Id));
                return DeleteBuilderOutcome.Deleted;
            },
            InDoubt.Tell,
            cancel
        );

    public Task<IReadOnlyList<Builder>> ListBuildersAsync(CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<Builder>>(
            async sql =>
            {
                var builders = await sql.QueryAsync(
                    $"""
                    SELECT builder.name, platform.name, platform.architecture, builder.host, {LastSeen}, {IsRunning},
                           job.id, task.lease, task.claimed,
                           draining, fast_faults, quarantine, quarantined, canary
                    FROM builder
                    JOIN platform ON platform.id = builder.platform
                    LEFT JOIN task ON task.builder = builder.id AND task.state = {States.Building}
                    LEFT JOIN job ON job.number = task.job
                    ORDER BY builder.name
                    """,
                    ReadBuilder,
                    ("timeout", Options.SessionTimeout),
                    ("lease", Options.Lease)
                );
                for (var i = 0; i < builders.Count; i++)
                    builders[i] = builders[i] with { Faults = await FaultsAsync(sql, builders[i].Name) };
                return builders;
            },
            cancel
        );

    private static async Task<IReadOnlyList<RecentFault>> FaultsAsync(Statements sql, string builder) =>
        await sql.QueryAsync(
            $"""
            SELECT job.id, attempt.ended, outcome, message
            FROM attempt JOIN task ON task.id = attempt.task JOIN job ON job.number = task.job
            WHERE attempt.builder = @builder AND outcome IN ({States.Lost}, {States.FarmFault}) AND attempt.ended > $NOW - @week
            ORDER BY attempt.ended DESC LIMIT 5
            """,
            row => new RecentFault(row.Id(0), row.Time(1), (AttemptOutcome)row.Int(2), row.TextOrNull(3)),
            ("builder", builder),
            ("week", TimeSpan.FromDays(7))
        );

    public Task<Beat> BeatAsync(IReadOnlyCollection<BuilderSession> waiting, CancellationToken cancel) =>
        StatementAsync(
            async sql =>
            {
                var rows = await sql.QueryAsync(
                    Beating,
                    row =>
                        (
                            Name: row.Text(0),
                            Number: row.Long(1),
                            Expiry: row.TimeOrNull(2),
                            Now: row.Time(3),
                            Waits: row.Flag(4)
                        ),
                    ("sessions", Json.Write([.. waiting.Select(s => new SessionJson(s.Builder, s.Number))]))
                );
                var held = waiting
                    .Where(s => rows.Exists(row => row.Name == s.Builder && row.Number == s.Number))
                    .ToHashSet();
                var expiry = rows is [{ Expiry: { } first, Now: var now }, ..] ? first - now : (TimeSpan?)null;
                var platforms = held.Where(s => rows.Exists(row => row.Name == s.Builder && row.Waits))
                    .Select(s => s.Platform);
                return new Beat(held, expiry < TimeSpan.Zero ? TimeSpan.Zero : expiry, platforms.ToHashSet());
            },
            cancel
        );

    private const string Beating = $"""
        UPDATE builder SET last_seen = $NOW
        FROM $SESSIONS
        WHERE builder.name = given.name AND builder.session = given.session AND builder.held
        RETURNING builder.name, builder.session,
            (SELECT min((SELECT task.lease_expires FROM task WHERE {IsCurrent})) FROM builder),
            $NOW,
            EXISTS (SELECT 1 FROM lane JOIN task ON task.lane = lane.id
                    WHERE lane.platform = builder.platform AND task.state = {States.Waiting} AND task.blocked = 0
                      AND (task.rank, task.id) >= (lane.first_rank, lane.first_id))
        """;

    public Task<AttachResult> AttachBuilderAsync(string name, string host, LossReport? report, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        return WriteAsync(
            async sql =>
            {
                if (await FindBuilderAsync(sql, name) is not { } builder)
                    return new(
                        null,
                        $"there is no builder '{name}': see `pkgforge builder list`, or add it with `pkgforge builder add`"
                    );
                if (builder.Running && builder.Host != host)
                    return new(null, Refusal(builder));
                var session = await sql.NumberAsync(
                    """
                    UPDATE builder SET session = session + 1, held = true, host = @host, last_seen = $NOW
                    WHERE id = @id RETURNING session
                    """,
                    ("host", host),
                    ("id", builder.Id)
                );
                // What it could not build before, it may be able to build now.
                await sql.ExecuteAsync("DELETE FROM refusal WHERE builder = @name", ("name", name));
                var loss = new Loss($"builder '{name}' was started again, on {host}, while it held the task")
                {
                    IsFault = true,
                    Report = report,
                };
                await LoseTaskOfAsync(sql, builder.Id, loss);
                return new AttachResult(new(name, builder.Platform, session!.Value), null);
            },
            InDoubt.Repeat,
            cancel
        );
    }

    public Task DetachBuilderAsync(BuilderSession session, CancellationToken cancel) =>
        WriteAsync(
            async sql =>
            {
                if (
                    await HoldAsync(sql, session) is null
                    || await FindBuilderAsync(sql, session.Builder) is not { } builder
                )
                    return false;
                await sql.ExecuteAsync("UPDATE builder SET held = false WHERE id = @id", ("id", builder.Id));
                var loss = new Loss($"builder '{session.Builder}' stopped while it held the task");
                await LoseTaskOfAsync(sql, builder.Id, loss);
                return true;
            },
            InDoubt.Repeat,
            cancel
        );

    /// <summary>Locks the builder's row and notes a sign of life. Returns its id; null if the session is no longer the name's.</summary>
    private static Task<long?> HoldAsync(Statements sql, BuilderSession session) =>
        sql.NumberAsync(
            """
            UPDATE builder SET last_seen = $NOW
            WHERE name = @name AND session = @session AND held
            RETURNING id
            """,
            ("name", session.Builder),
            ("session", session.Number)
        );

    private async Task<BuilderRow?> FindBuilderAsync(Statements sql, string name) =>
        await sql.QueryAsync(
            $"""
            SELECT builder.id, builder.name, platform.name, platform.architecture, builder.host, builder.last_seen, {IsRunning}
            FROM builder JOIN platform ON platform.id = builder.platform
            WHERE builder.name = @name $LOCK_BUILDER
            """,
            row => new BuilderRow(
                row.Long(0),
                row.Text(1),
                row.Key(2),
                row.TextOrNull(4),
                row.TimeOrNull(5),
                !row.IsNull(6) && row.Flag(6)
            ),
            ("name", name),
            ("timeout", Options.SessionTimeout)
        )
            is [var builder]
            ? builder
            : null;

    private string Refusal(BuilderRow builder) =>
        $"builder '{builder.Name}' runs on {builder.Host}, last seen {builder.LastSeen:yyyy-MM-dd HH:mm:ss} UTC: "
        + $"stop it there, or wait until it has been silent for {Options.SessionTimeout.TotalSeconds:0.###} s";

    private static Builder ReadBuilder(Row row)
    {
        var current = row.IsNull(6) ? null : new CurrentTask(row.Id(6), row.Key(1), row.Int(7), row.Time(8));
        var running = !row.IsNull(5) && row.Flag(5);
        return new(row.Text(0), row.Key(1), row.TextOrNull(3), row.TimeOrNull(4), running, current)
        {
            Draining = row.Flag(9),
            FastFaults = row.Int(10),
            Quarantine = row.TextOrNull(11) is { } reason ? new(reason, row.Time(12), row.Time(13)) : null,
        };
    }

    private sealed record BuilderRow(
        long Id,
        string Name,
        PlatformKey Platform,
        string? Host,
        DateTimeOffset? LastSeen,
        bool Running
    );
}
