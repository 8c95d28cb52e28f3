using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace PkgForge.Tests.Shared;

/// <summary>Where the proxy cuts a connection.</summary>
public enum Cut
{
    /// <summary>Once the server has got the n-th message, and before the client gets an answer to it.</summary>
    AfterMessageToServer,

    /// <summary>Before the client gets the server's n-th message.</summary>
    BeforeMessageToClient,

    /// <summary>The server has committed for the n-th time, and the client is not told.</summary>
    InsteadOfCommitted,
}

/// <summary>
/// Stands between a registry and a PostgreSQL server, on sockets in directories, and cuts one connection at a message. It knows the frames of the
/// protocol: a type, a length, the rest (https://www.postgresql.org/docs/current/protocol-message-formats.html).
/// </summary>
public sealed class PostgresProxy : IAsyncDisposable
{
    private const string SocketName = ".s.PGSQL.5432";

    private readonly string server;
    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-proxy-").FullName;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> tasks = [];
    private readonly Lock gate = new();
    private Cut cut;
    private int left;

    /// <param name="server">The directory of the server's socket.</param>
    public PostgresProxy(string server)
    {
        this.server = server;
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(directory, SocketName)));
        listener.Listen(100);
        // Whoever runs the registry may come in.
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(Path.Combine(directory, SocketName), (UnixFileMode)0b111_111_111);
        tasks.Add(AcceptAsync());
    }

    /// <summary>What a client takes for the server's host.</summary>
    public string Host => directory;

    /// <summary>Cuts once, at the n-th occasion from now.</summary>
    public void Arm(Cut where, int n)
    {
        lock (gate)
            (cut, left) = (where, n);
    }

    /// <summary>True if the cut was made; it is not to be made any more.</summary>
    public bool Disarm()
    {
        lock (gate)
        {
            var made = left == 0;
            left = 0;
            return made;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        Task[] all;
        lock (gate)
            all = [.. tasks];
        await Task.WhenAll(all);
        stop.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private bool IsOccasion(Cut here)
    {
        lock (gate)
            return cut == here && left > 0 && --left == 0;
    }

    private async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(stop.Token);
                lock (gate)
                    tasks.Add(ServeAsync(client));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var _ = client;
        using var backend = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        try
        {
            await backend.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(server, SocketName)), ended.Token);
            await using var near = new NetworkStream(client);
            await using var far = new NetworkStream(backend);
            await GreetAsync(near, far, ended.Token);
            await await Task.WhenAny(ToServerAsync(near, far, ended.Token), ToClientAsync(far, near, ended.Token));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException) { }
        finally
        {
            await ended.CancelAsync();
        }
    }

    /// <summary>
    /// The first message of a connection has no type. It may ask for encryption, in 8 bytes, which the server answers by one: these servers
    /// decline, and the next message is the first again.
    /// </summary>
    private static async Task GreetAsync(NetworkStream near, NetworkStream far, CancellationToken cancel)
    {
        const int EncryptionRequest = 8;
        var answer = new byte[1];
        while (true)
        {
            var message = await ReadAsync(near, 0, cancel);
            await far.WriteAsync(message, cancel);
            if (message.Length != EncryptionRequest)
                return;
            await far.ReadExactlyAsync(answer, cancel);
            await near.WriteAsync(answer, cancel);
        }
    }

    private async Task ToServerAsync(NetworkStream near, NetworkStream far, CancellationToken cancel)
    {
        while (true)
        {
            await far.WriteAsync(await ReadAsync(near, 1, cancel), cancel);
            if (IsOccasion(Cut.AfterMessageToServer))
                return;
        }
    }

    private async Task ToClientAsync(NetworkStream far, NetworkStream near, CancellationToken cancel)
    {
        while (true)
        {
            var message = await ReadAsync(far, 1, cancel);
            if (IsOccasion(Cut.BeforeMessageToClient) || (IsCommitted(message) && IsOccasion(Cut.InsteadOfCommitted)))
                return;
            await near.WriteAsync(message, cancel);
        }
    }

    private static bool IsCommitted(byte[] message) =>
        message[0] == (byte)'C' && Encoding.ASCII.GetString(message.AsSpan(5)) == "COMMIT\0";

    /// <summary>Reads a message whose type takes so many bytes.</summary>
    private static async Task<byte[]> ReadAsync(NetworkStream from, int type, CancellationToken cancel)
    {
        var head = new byte[type + sizeof(int)];
        await from.ReadExactlyAsync(head, cancel);
        var message = new byte[type + BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(type))];
        head.CopyTo(message, 0);
        await from.ReadExactlyAsync(message.AsMemory(head.Length), cancel);
        return message;
    }
}
