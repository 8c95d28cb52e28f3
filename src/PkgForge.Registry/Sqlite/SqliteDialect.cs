using System.Data.Common;
using Microsoft.Data.Sqlite;
using PkgForge.Registry.Sql;

namespace PkgForge.Registry.Sqlite;

/// <summary>SQLite's words: times and durations are whole milliseconds, and a transaction that writes has locked everything.</summary>
internal sealed class SqliteDialect : Dialect
{
    // The Julian day of 1970-01-01T00:00Z is 2440587.5. unixepoch('subsec') would say the same, but only since SQLite 3.42.
    private const string Now = "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)";

    protected override IReadOnlyList<(string Word, string Text)> Words { get; } =
    [
        ("$NOW", Now),
        ("$MILLISECONDS", Now),
        ("$ELAPSED(task.claimed)", $"({Now} - task.claimed)"),
        ("$UP_FOR(@grace)", "@grace IS NOT NULL"),
        ("$TIME", "INTEGER"),
        ("$SKIP_LOCKED_TASK", ""),
        ("$UNFLUSHED", "NULL"),
        ("$SKIP_LOCKED", ""),
        ("$LOCK_BUILDER", ""),
        ("$LOCK_TASK", ""),
        ("$LOCK_JOB", ""),
        ("$LOCK_CAP", ""),
        ("$PASS_BUILDER", ""),
        ("$PASS_LANE", ""),
        ("$HOLD_LANE", ""),
        ("$SHARE_TASK", ""),
        ("$TEXTS(@names)", "json_each(@names)"),
        ("$SESSIONS", Records("sessions", "name", "session")),
        (
            "$JOBS",
            Records(
                "jobs",
                "id",
                "submitter",
                "bucket",
                "scratch",
                "sources",
                "manifest",
                "priority",
                "submitted",
                "reason",
                "warnings",
                "place"
            )
        ),
        ("$TASKS", Records("tasks", "job", "platform", "lane", "estimate", "chained", "place")),
        ("$LANES", Records("lanes", "platform", "priority", "submitter", "bucket")),
        ("$PACKAGES", Records("packages", "job", "name", "version")),
        ("$PUBLISHED", Records("published", "file", "package", "version")),
        ("$ATTEMPTS", Records("attempts", "task", "attempt")),
        ("$AFTER", Records("after", "job", "after")),
    ];

    /// <summary>A parameter of JSON, a list of objects, as a table.</summary>
    private static string Records(string parameter, params IEnumerable<string> columns) =>
        $"(SELECT {string.Join(", ", columns.Select(c => $"json_extract(value, '$.{c}') AS {c}"))} FROM json_each(@{parameter})) AS given";

    protected override DbParameter Parameter(string name, object? value) =>
        new SqliteParameter(
            $"@{name}",
            value switch
            {
                null => DBNull.Value,
                TimeSpan duration => (long)duration.TotalMilliseconds,
                DateTimeOffset time => time.ToUnixTimeMilliseconds(),
                string text => Storable(text),
                _ => value,
            }
        );

    public override DateTimeOffset ReadTime(DbDataReader reader, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));
}
