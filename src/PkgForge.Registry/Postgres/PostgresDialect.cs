using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.RegularExpressions;
using Npgsql;
using PkgForge.Registry.Sql;

namespace PkgForge.Registry.Postgres;

/// <summary>
/// PostgreSQL's words. Now is the statement's beginning: later than the transaction's after a wait for a lock, and
/// unlike <c>clock_timestamp()</c> the same for all rows, so that an index serves it.
/// </summary>
internal sealed partial class PostgresDialect : Dialect
{
    private readonly ConcurrentDictionary<string, Numbered> numbered = new(StringComparer.Ordinal);

    protected override IReadOnlyList<(string Word, string Text)> Words { get; } =
    [
        ("$NOW", "statement_timestamp()"),
        ("$MILLISECONDS", "(extract(epoch FROM statement_timestamp()) * 1000)::bigint"),
        ("$ELAPSED(task.claimed)", "(extract(epoch FROM statement_timestamp() - task.claimed) * 1000)::bigint"),
        ("$UP_FOR(@grace)", "pg_postmaster_start_time() < statement_timestamp() - @grace"),
        ("$TIME", "timestamptz"),
        // To the end of the transaction.
        ("$UNFLUSHED", "set_config('synchronous_commit', 'off', true)"),
        ("$SKIP_LOCKED_TASK", "FOR UPDATE OF task SKIP LOCKED"),
        ("$SKIP_LOCKED", "FOR UPDATE SKIP LOCKED"),
        ("$LOCK_BUILDER", "FOR UPDATE OF builder"),
        ("$LOCK_TASK", "FOR UPDATE OF task"),
        ("$LOCK_JOB", "FOR NO KEY UPDATE"),
        ("$LOCK_CAP", "FOR UPDATE"),
        ("$PASS_BUILDER", "FOR NO KEY UPDATE OF builder SKIP LOCKED"),
        // Those who hold a lane keep its head from being moved up, and nobody else from anything.
        ("$PASS_LANE", "FOR UPDATE SKIP LOCKED"),
        ("$HOLD_LANE", "FOR KEY SHARE OF lane"),
        ("$SHARE_TASK", "FOR SHARE OF task"),
        ("$TEXTS(@names)", "json_array_elements_text(@names::json) AS names(value)"),
        ("$SESSIONS", "json_to_recordset(@sessions::json) AS given(name text, session bigint)"),
        (
            "$JOBS",
            """
            (SELECT id, submitter, bucket, scratch, sources, manifest, priority, to_timestamp(submitted / 1000.0) AS submitted, reason, warnings, place
             FROM json_to_recordset(@jobs::json) AS r(id text, submitter text, bucket text, scratch boolean, sources text, manifest text,
                                                      priority integer, submitted bigint, reason text, warnings text, place integer)) AS given
            """
        ),
        (
            "$TASKS",
            "json_to_recordset(@tasks::json) AS given(job bigint, platform bigint, lane bigint, estimate bigint, chained boolean, place integer)"
        ),
        (
            "$LANES",
            "json_to_recordset(@lanes::json) AS given(platform text, priority integer, submitter text, bucket text)"
        ),
        ("$PACKAGES", "json_to_recordset(@packages::json) AS given(job bigint, name text, version text)"),
        ("$PUBLISHED", "json_to_recordset(@published::json) AS given(file text, package text, version text)"),
        ("$ATTEMPTS", "json_to_recordset(@attempts::json) AS given(task bigint, attempt bigint)"),
        ("$AFTER", "json_to_recordset(@after::json) AS given(job bigint, after text)"),
    ];

    /// <summary>The server knows parameters by number; given names, Npgsql takes the statement apart at every execution.</summary>
    public override string Fill(DbParameterCollection into, string sql, (string Name, object? Value)[] parameters)
    {
        var statement = numbered.GetOrAdd(sql, text => Numbered.Of(Translate(text)));
        foreach (var name in statement.Names)
            into.Add(Parameter("", parameters.First(p => p.Name == name).Value));
        return statement.Text;
    }

    protected override DbParameter Parameter(string name, object? value) =>
        new NpgsqlParameter(
            name,
            value switch
            {
                null => DBNull.Value,
                DateTimeOffset time => time.ToUniversalTime(),
                string text => Storable(text),
                _ => value,
            }
        );

    public override DateTimeOffset ReadTime(DbDataReader reader, int column) =>
        reader.GetFieldValue<DateTimeOffset>(column);

    /// <summary>A statement whose parameters are <c>$1</c>, <c>$2</c> ...</summary>
    /// <param name="Text">The statement.</param>
    /// <param name="Names">What they are called in the shared statement, in the order of their numbers.</param>
    private sealed partial record Numbered(string Text, IReadOnlyList<string> Names)
    {
        public static Numbered Of(string sql)
        {
            var names = new List<string>();
            var text = Name()
                .Replace(
                    sql,
                    match =>
                    {
                        if (!names.Contains(match.Value[1..]))
                            names.Add(match.Value[1..]);
                        return $"${names.IndexOf(match.Value[1..]) + 1}";
                    }
                );
            return new(text, names);
        }

        [GeneratedRegex("@[a-z][a-z0-9]*")]
        private static partial Regex Name();
    }
}
