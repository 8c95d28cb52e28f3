using Npgsql;
using PkgForge.Registry.Sql;

namespace PkgForge.Registry.Postgres;

/// <summary>
/// Listens on a connection of its own. A notification names the platforms that have new tasks; one without names is
/// for all. When the connection is lost it is made again, and the waiter is woken once: what was sent meanwhile is lost.
/// </summary>
internal sealed class PostgresWakeUp : IWakeUp
{
    private const string Channel = "pkgforge_task";

    // PostgreSQL takes less than 8000 bytes; names are ASCII.
    private const int LongestPayload = 7900;

    private readonly string text;
    private readonly string platform;
    private readonly TimeProvider clock;
    private readonly Signal signal;
    private readonly CancellationTokenSource stop = new();
    private readonly Task listening;

    public PostgresWakeUp(NpgsqlConnection connection, string text, string platform, TimeProvider clock)
    {
        this.text = text;
        this.platform = platform;
        this.clock = clock;
        signal = new(clock);
        listening = ListenAsync(connection);
    }

    /// <summary>Tells the listeners, once the transaction is committed. At most once in a transaction: each costs.</summary>
    public static Task NotifyAsync(Statements sql, IEnumerable<string> platforms)
    {
        var payload = string.Join(',', platforms);
        return sql.ExecuteAsync(
            "SELECT pg_notify(@channel, @payload)",
            ("channel", Channel),
            ("payload", payload.Length > LongestPayload ? "" : payload)
        );
    }

    /// <summary>Opens a connection that listens.</summary>
    public static async Task<NpgsqlConnection> ConnectAsync(string text, CancellationToken cancel)
    {
        var connection = new NpgsqlConnection(text);
        try
        {
            await connection.OpenAsync(cancel);
            await using var command = new NpgsqlCommand($"LISTEN {Channel}", connection);
            await command.ExecuteNonQueryAsync(cancel);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            await connection.DisposeAsync();
            throw;
        }
        return connection;
    }

    public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancel) => signal.WaitAsync(atMost, cancel);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await listening;
        stop.Dispose();
    }

    private async Task ListenAsync(NpgsqlConnection? connection)
    {
        for (var tries = 0; !stop.IsCancellationRequested; )
        {
            try
            {
                if (connection is null)
                {
                    connection = await ConnectAsync(text, stop.Token);
                    signal.Set();
                }
                tries = 0;
                connection.Notification += Hear;
                while (true)
                    await connection.WaitAsync(stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
            catch (NpgsqlException)
            {
                // Whatever it was, waiting goes on: until it listens again, waiters look after their longest wait.
                await PauseAsync(tries++);
            }
            finally
            {
                if (connection is not null)
                    await connection.DisposeAsync();
                connection = null;
            }
        }
    }

    /// <summary>Waits 50 ms, 100 ms ... up to 6.4 s before the next try to connect.</summary>
    private async Task PauseAsync(int tries) =>
        await Task.Delay(TimeSpan.FromMilliseconds(50 << Math.Min(tries, 7)), clock, stop.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Hear(object sender, NpgsqlNotificationEventArgs notification)
    {
        if (notification.Payload.Length == 0 || notification.Payload.Split(',').Contains(platform))
            signal.Set();
    }
}
