using System.Data.Common;
using Npgsql;
using PkgForge.Registry.Sql;

namespace PkgForge.Registry.Postgres;

/// <summary>
/// PostgreSQL's words. Now is the statement's beginning: later than the transaction's after a wait for a lock, and
/// unlike <c>clock_timestamp()</c> the same for all rows, so that an index serves it.
/// </summary>
internal sealed class PostgresDialect : Dialect
{
    protected override IReadOnlyList<(string Word, string Text)> Words { get; } =
    [
        ("$NOW", "statement_timestamp()"),
        ("$MILLISECONDS", "(extract(epoch FROM statement_timestamp()) * 1000)::bigint"),
        ("$TIME", "timestamptz"),
        ("$SKIP_LOCKED_TASK", "FOR UPDATE OF task SKIP LOCKED"),
        ("$SKIP_LOCKED", "FOR UPDATE SKIP LOCKED"),
        ("$LOCK_BUILDER", "FOR UPDATE OF builder"),
        ("$LOCK_TASK", "FOR UPDATE OF task"),
        ("$LOCK_JOB", "FOR NO KEY UPDATE"),
    ];

    public override DbParameter Parameter(string name, object? value) =>
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
}
