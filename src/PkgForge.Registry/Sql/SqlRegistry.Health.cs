using System.Globalization;

namespace PkgForge.Registry.Sql;

/// <summary>Builders' health: drain, faults in a row, quarantine, canaries.</summary>
internal abstract partial class SqlRegistry
{
    private static readonly TimeSpan LongestCanary = TimeSpan.FromDays(1);

    public Task<bool> SetDrainingAsync(string builder, bool draining, CancellationToken cancel) =>
        ChangeBuilderAsync("draining = @draining", builder, [("draining", draining)], cancel);

    public Task<bool> ReleaseBuilderAsync(string builder, CancellationToken cancel) =>
        ChangeBuilderAsync(Healthy, builder, [], cancel);

    private const string Healthy = "fast_faults = 0, quarantine = NULL, quarantined = NULL, canary = NULL";

    /// <summary>Changes a builder by hand, and wakes it: it may have tasks to claim now.</summary>
    private Task<bool> ChangeBuilderAsync(
        string change,
        string builder,
        (string, object?)[] values,
        CancellationToken cancel
    ) =>
        WriteAsync(
            async sql =>
            {
                var changed = await sql.QueryAsync(
                    $"""
                    UPDATE builder SET {change} WHERE name = @name
                    RETURNING (SELECT platform.name FROM platform WHERE platform.id = builder.platform),
                              (SELECT platform.architecture FROM platform WHERE platform.id = builder.platform)
                    """,
                    row => row.Key(0),
                    [("name", builder), .. values]
                );
                changed.ForEach(platform => sql.Wake(Topic.Tasks(platform)));
                return changed.Count == 1;
            },
            InDoubt.Repeat,
            cancel
        );

    /// <summary>A verdict on a package shows that its builder works.</summary>
    private static Task ClearFaultsAsync(Statements sql, HeldRow task, AttemptOutcome outcome) =>
        outcome is AttemptOutcome.Success or AttemptOutcome.Fail
        && (task.FastFaults > 0 || task.Quarantined is not null)
            ? sql.ExecuteAsync($"UPDATE builder SET {Healthy} WHERE name = @name", ("name", task.Builder))
            : Task.CompletedTask;

    /// <summary>Counts a farm fault against its builder: too many fast ones in a row, and it is put in quarantine.</summary>
    private Task NoteFaultAsync(Statements sql, HeldRow task, string message)
    {
        var fast = task.Time <= Options.FastFault ? task.FastFaults + 1 : 0;
        if (task.Quarantined is null && fast < Options.MaxFastFaults)
            return fast == task.FastFaults
                ? Task.CompletedTask
                : sql.ExecuteAsync(
                    "UPDATE builder SET fast_faults = @fast WHERE name = @name",
                    ("fast", fast),
                    ("name", task.Builder)
                );
        var since = task.Quarantined is { } quarantined ? task.Now - quarantined : TimeSpan.Zero;
        // 10 minutes, then as long again as the quarantine has lasted: 10, 20, 40 minutes ... a day.
        var wait = TimeSpan.FromTicks(Math.Clamp(since.Ticks, Options.Canary.Ticks, LongestCanary.Ticks));
        return sql.ExecuteAsync(
            """
            UPDATE builder SET fast_faults = @fast, quarantine = @reason, quarantined = coalesce(quarantined, $NOW), canary = $NOW + @wait
            WHERE name = @name
            """,
            ("fast", fast),
            ("reason", Reason(task, fast, message)),
            ("wait", wait),
            ("name", task.Builder)
        );
    }

    private string Reason(HeldRow task, int fast, string message) =>
        task.Quarantined is null
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{fast} farm faults in a row, each within {Options.FastFault.TotalSeconds:0} s of its claim; the last: {message}"
            )
            : $"the task that it was tried with met a farm fault again: {message}";
}
