using System.Net;
using System.Net.Sockets;

namespace PkgForge.Tests.Shared;

/// <summary>Which way bytes go.</summary>
public enum Way
{
    ToServer,
    ToBuilder,
}

/// <summary>A way to a server that breaks: it cuts a connection after so many bytes, without a word to either side.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Uri server;
    private readonly Lock gate = new();
    private readonly List<Task> running = [];
    private (Way Way, long Bytes, int Times) cut;
    private long passed;

    public CuttingProxy(Uri server)
    {
        this.server = server;
        listener.Start();
        running.Add(AcceptAsync());
    }

    public Uri Address => new($"{server.Scheme}://{listener.LocalEndpoint}");

    /// <summary>Whether a cut looks like an end (FIN) and not like a fault (RST).</summary>
    public bool EndsQuietly { get; init; }

    /// <summary>How long a few kilobytes take. A line that is not as fast as loopback lets a transfer begin before it is cut.</summary>
    public TimeSpan Slowness { get; init; }

    /// <summary>How many connections were cut.</summary>
    public int Cuts { get; private set; }

    /// <summary>From now on cuts after so many bytes, so many times.</summary>
    public void Arm(Way way, long bytes, int times)
    {
        lock (gate)
            (cut, passed) = ((way, bytes, times), 0);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        foreach (var task in running.ToList())
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            var builder = await listener.AcceptTcpClientAsync(stop.Token);
            lock (gate)
                running.Add(PassAsync(builder));
        }
    }

    private async Task PassAsync(TcpClient builder)
    {
        using var near = builder;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(server.Host, server.Port, stop.Token);
            var there = CopyAsync(near.GetStream(), far.GetStream(), Way.ToServer);
            var back = CopyAsync(far.GetStream(), near.GetStream(), Way.ToBuilder);
            await await Task.WhenAny(there, back);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Cut, by this proxy or by one of the ends.
        }
        if (EndsQuietly)
            return;
        near.Client?.Close(0);
        far.Client?.Close(0);
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Way way)
    {
        var buffer = new byte[4096];
        int read;
        while ((read = await from.ReadAsync(buffer, stop.Token)) > 0)
        {
            if (Slowness > TimeSpan.Zero)
                await Task.Delay(Slowness, stop.Token);
            var allowed = Allow(way, read);
            await to.WriteAsync(buffer.AsMemory(0, allowed), stop.Token);
            if (allowed < read)
                return;
        }
    }

    private int Allow(Way way, int read)
    {
        lock (gate)
        {
            if (way != cut.Way || cut.Times == 0)
                return read;
            if (passed + read <= cut.Bytes)
            {
                passed += read;
                return read;
            }
            var allowed = (int)(cut.Bytes - passed);
            (cut.Times, passed) = (cut.Times - 1, 0);
            Cuts++;
            return allowed;
        }
    }
}
