using Npgsql;
using PkgForge.Tests.Shared;

namespace PkgForge.Bench.Farms;

/// <summary>Notes which transaction inserts which job, and asks the server when it committed that.</summary>
internal sealed class CommitTimes : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;

    private CommitTimes(NpgsqlConnection connection) => this.connection = connection;

    public static async Task<CommitTimes> OpenAsync(string connectionString)
    {
        await PostgresCluster.ExecuteAsync(
            connectionString,
            """
            CREATE TABLE inserted (id text PRIMARY KEY, transaction xid NOT NULL);
            CREATE FUNCTION note_insert() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO inserted VALUES (NEW.id, pg_current_xact_id()::xid); RETURN NULL; END $$;
            CREATE TRIGGER note_insert AFTER INSERT ON job FOR EACH ROW EXECUTE FUNCTION note_insert()
            """
        );
        var times = new CommitTimes(new($"{connectionString};Pooling=false"));
        await times.connection.OpenAsync();
        return times;
    }

    /// <summary>Milliseconds since 1970, to the microsecond. The server takes the time just before it writes the commit to the disk.</summary>
    public async Task<double> MillisecondsAsync(string job)
    {
        await using var command = new NpgsqlCommand(
            "SELECT extract(epoch FROM pg_xact_commit_timestamp(transaction))::float8 * 1000 FROM inserted WHERE id = $1",
            connection
        );
        command.Parameters.Add(new() { Value = job });
        return (double)(await command.ExecuteScalarAsync())!;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
