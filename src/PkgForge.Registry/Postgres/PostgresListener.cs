using Npgsql;
using PkgForge.Registry.Sql;

namespace PkgForge.Registry.Postgres;

/// <summary>
/// Listens, on one connection of its own, for all waiting places of a process. A notification names the topics that it is about; one without
/// names is for all. When the connection is lost it is made again, and everybody is woken once: what was sent meanwhile is lost.
/// </summary>
internal sealed class PostgresListener(string text, TimeProvider clock) : IAsyncDisposable
{
    private const string Channel = "pkgforge";

    // PostgreSQL takes less than 8000 bytes; names are ASCII.
    private const int LongestPayload = 7900;

    /// <summary>The most that a wait takes to end which has been told to.</summary>
    private static readonly TimeSpan EndingTakes = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly Dictionary<string, List<Place>> places = [];
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim starting = new(1, 1);
    private Task? listening;
    private bool disposed;

    /// <summary>Tells the listeners, once the transaction is committed. At most once in a transaction: each costs.</summary>
    public static Task NotifyAsync(Statements sql, IEnumerable<Topic> topics)
    {
        var payload = string.Join(',', topics.Select(topic => topic.Name));
        return sql.ExecuteAsync(
            "SELECT pg_notify(@channel, @payload)",
            ("channel", Channel),
            ("payload", payload.Length > LongestPayload ? "" : payload)
        );
    }

    /// <summary>Opens a waiting place. From its return on nothing is missed.</summary>
    public async Task<IWakeUp> OpenAsync(Topic topic, CancellationToken cancel)
    {
        var place = new Place(this, topic.Name, clock);
        lock (gate)
            (places.TryGetValue(topic.Name, out var known) ? known : places[topic.Name] = []).Add(place);
        try
        {
            await StartAsync(cancel);
        }
        catch
        {
            await place.DisposeAsync();
            throw;
        }
        return place;
    }

    public async ValueTask DisposeAsync()
    {
        if (disposed)
            return;
        disposed = true;
        var ended = Task.WhenAll(stop.CancelAsync(), listening ?? Task.CompletedTask);
        // It has happened that the driver did not notice that its wait was over (npgsql issue 5975 tells of the like). A process that ends does not wait for that: its connection goes with it.
        if (await Task.WhenAny(ended, Task.Delay(EndingTakes, clock, CancellationToken.None)) != ended)
            return;
        await ended;
        stop.Dispose();
        starting.Dispose();
    }

    private async Task StartAsync(CancellationToken cancel)
    {
        await starting.WaitAsync(cancel);
        try
        {
            listening ??= ListenAsync(await ConnectAsync(cancel));
        }
        finally
        {
            starting.Release();
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancel)
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

    private async Task ListenAsync(NpgsqlConnection? connection)
    {
        for (var tries = 0; !stop.IsCancellationRequested; )
        {
            try
            {
                if (connection is null)
                {
                    connection = await ConnectAsync(stop.Token);
                    Wake("");
                }
                tries = 0;
                connection.Notification += (_, notification) => Wake(notification.Payload);
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

    private void Wake(string payload)
    {
        lock (gate)
        {
            if (payload.Length == 0)
                foreach (var place in places.Values.SelectMany(all => all))
                    place.Signal.Set();
            else
                foreach (var name in payload.Split(','))
                    if (places.TryGetValue(name, out var known))
                        known.ForEach(place => place.Signal.Set());
        }
    }

    private void Close(Place place)
    {
        lock (gate)
        {
            if (places.TryGetValue(place.Topic, out var known) && known.Remove(place) && known.Count == 0)
                places.Remove(place.Topic);
        }
    }

    private sealed class Place(PostgresListener listener, string topic, TimeProvider clock) : IWakeUp
    {
        public string Topic => topic;

        public Signal Signal { get; } = new(clock);

        public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancel) => Signal.WaitAsync(atMost, cancel);

        public ValueTask DisposeAsync()
        {
            listener.Close(this);
            return ValueTask.CompletedTask;
        }
    }
}
