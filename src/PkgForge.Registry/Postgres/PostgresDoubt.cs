using Npgsql;
using PkgForge.Registry.Sql;

namespace PkgForge.Registry.Postgres;

/// <summary>
/// Finds out what became of a transaction whose commit was sent and not answered. The server keeps the fate of every transaction for a
/// long time, by the transaction's number, which is noted before the commit.
/// <para>
/// A server that crashes may give a number again, if nothing of its transaction had reached the disk. So after a restart it is also
/// asked how far its log was whole when it came up again, and must have had what the transaction had written before its commit.
/// </para>
/// </summary>
internal sealed class PostgresDoubt(NpgsqlDataSource source, TimeSpan timeout, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>A transaction's number, when its server was started, and where in the server's log it had arrived.</summary>
    internal sealed record Note(string Transaction, DateTimeOffset Started, string Position);

    /// <summary>Notes the transaction; null if it has changed nothing.</summary>
    public static async Task<Note?> NoteAsync(Statements sql) =>
        await sql.QueryAsync(
            "SELECT pg_current_xact_id_if_assigned()::text, pg_postmaster_start_time(), pg_current_wal_insert_lsn()::text",
            row => row.TextOrNull(0) is { } number ? new Note(number, row.Time(1), row.Text(2)) : null
        )
            is [var note]
            ? note
            : null;

    /// <summary>True if the transaction was committed, false if it was not and will not be; null if nobody can say.</summary>
    public async Task<bool?> AskAsync(Note note, CancellationToken cancel)
    {
        source.Clear();
        for (var start = clock.GetTimestamp(); clock.GetElapsedTime(start) < timeout; )
        {
            try
            {
                // "in progress": the server has not noticed yet that we have gone. No answer: it has forgotten.
                var fate = await ReadAsync(note, cancel);
                if (fate is not "in progress")
                    return fate switch
                    {
                        "committed" => true,
                        "aborted" => false,
                        _ => null,
                    };
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidParameterValue)
            {
                // The number has not been given yet, since a crash: what had it is lost.
                return false;
            }
            catch (NpgsqlException e) when (PostgresErrors.IsLost(e))
            {
                source.Clear();
            }
            await Task.Delay(Pause, clock, cancel);
        }
        return null;
    }

    private async Task<string?> ReadAsync(Note note, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand(
            """
            SELECT CASE WHEN pg_postmaster_start_time() = $2 OR checkpoint_lsn >= $3::text::pg_lsn
                        THEN pg_xact_status($1::text::xid8) ELSE 'aborted' END
            FROM pg_control_checkpoint()
            """,
            connection
        );
        command.Parameters.Add(new() { Value = note.Transaction });
        command.Parameters.Add(new() { Value = note.Started.ToUniversalTime() });
        command.Parameters.Add(new() { Value = note.Position });
        return await command.ExecuteScalarAsync(cancel) as string;
    }
}
