using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace PkgForge.Tests.Shared;

/// <summary>
/// Stands between clients and a PostgreSQL server, and cuts a connection at the N-th message that clients send from a certain moment on. Messages are
/// counted over all connections, by the framing of the protocol (version 3: a type, a length); those that begin a connection are not.
/// </summary>
public sealed class PostgresProxy : IAsyncDisposable
{
    private readonly string socket;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly Task accepting;
    private TaskCompletionSource cut = new();
    private int left;
    private bool answered;

    /// <param name="socket">The server's socket.</param>
    public PostgresProxy(string socket)
    {
        this.socket = socket;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Cuts the connection that carries the N-th message from now on.</summary>
    /// <param name="message">1 for the next one.</param>
    /// <param name="afterAnswer">The server gets the message, and answers it; the client does not hear the answer. Else the server never gets it.</param>
    /// <returns>Ends when it has happened.</returns>
    public Task CutAt(int message, bool afterAnswer)
    {
        lock (gate)
        {
            (left, answered) = (message, afterAnswer);
            cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return cut.Task;
        }
    }

    /// <summary>Cuts no more. Returns true when it had not come to it.</summary>
    public bool GiveUp()
    {
        lock (gate)
        {
            var waits = left > 0;
            left = 0;
            return waits;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
            {
                sessions.RemoveAll(session => session.IsCompleted);
                sessions.Add(ServeAsync(await listener.AcceptSocketAsync(stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await server.ConnectAsync(new UnixDomainSocketEndPoint(socket), both.Token);
                await using var from = new NetworkStream(client);
                await using var to = new NetworkStream(server);
                var down = to.CopyToAsync(from, both.Token);
                await Task.WhenAny(UpAsync(from, to, both), down);
                await both.CancelAsync();
                await down.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One side has gone, or the test is over.
            }
        }
    }

    /// <summary>Passes on what the client says, message by message; returns where it is to be cut.</summary>
    private async Task UpAsync(NetworkStream from, NetworkStream to, CancellationTokenSource both)
    {
        var header = new byte[5];
        var first = true;
        while (true)
        {
            // The message that begins a connection has a length and no type.
            var size = first ? 4 : 5;
            await from.ReadExactlyAsync(header.AsMemory(0, size), both.Token);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(size - 4)) - 4];
            await from.ReadExactlyAsync(body, both.Token);
            var (now, afterAnswer) = first ? (false, false) : Count();
            first = false;
            if (now && !afterAnswer)
                return;
            if (now)
                // What the server answers from here on goes nowhere.
                from.Socket.Shutdown(SocketShutdown.Send);
            await to.WriteAsync(header.AsMemory(0, size), both.Token);
            await to.WriteAsync(body, both.Token);
            if (!now)
                continue;
            to.Socket.Shutdown(SocketShutdown.Send);
            return;
        }
    }

    private (bool Now, bool AfterAnswer) Count()
    {
        lock (gate)
        {
            if (left == 0 || --left > 0)
                return (false, false);
            cut.TrySetResult();
            return (true, answered);
        }
    }
}
