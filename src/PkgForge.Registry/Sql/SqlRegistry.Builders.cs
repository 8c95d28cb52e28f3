using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

internal abstract partial class SqlRegistry
{
    /// <summary>A process holds the builder's name and has shown itself lately.</summary>
    private const string IsRunning = "(builder.held AND builder.last_seen > $NOW - @timeout)";

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
                await PutBackTaskOfAsync(sql, builder, "its builder was deleted");
                await sql.ExecuteAsync("DELETE FROM builder WHERE id = @id", ("id", builder.Id));
                return DeleteBuilderOutcome.Deleted;
            },
            InDoubt.Tell,
            cancel
        );

    public Task<IReadOnlyList<Builder>> ListBuildersAsync(CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<Builder>>(
            async sql =>
                await sql.QueryAsync(
                    $"""
                    SELECT builder.name, platform.name, platform.architecture, builder.host, builder.last_seen, {IsRunning},
                           job.id, attempt.number, attempt.started
                    FROM builder
                    JOIN platform ON platform.id = builder.platform
                    LEFT JOIN task ON task.builder = builder.id AND task.state = {States.Building}
                    LEFT JOIN job ON job.number = task.job
                    LEFT JOIN attempt ON attempt.task = task.id AND attempt.number = task.lease
                    ORDER BY builder.name
                    """,
                    ReadBuilder,
                    ("timeout", Options.SessionTimeout)
                ),
            cancel
        );

    public Task<AttachResult> AttachBuilderAsync(string name, string host, CancellationToken cancel)
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
                await PutBackTaskOfAsync(
                    sql,
                    builder,
                    $"builder '{name}' was started again, on {host}, while it held the task"
                );
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
                await PutBackTaskOfAsync(sql, builder, $"builder '{session.Builder}' stopped while it held the task");
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
        return new(row.Text(0), row.Key(1), row.TextOrNull(3), row.TimeOrNull(4), running, current);
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
