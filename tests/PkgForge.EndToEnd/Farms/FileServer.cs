using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PkgForge.EndToEnd.Farms;

/// <summary>Serves the files of a directory over HTTP on loopback, as a mirror does, and notes what was asked for.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly string directory;
    private readonly Task serving;

    /// <param name="directory">Its files; those of the tests' own, so that nothing else can be asked for.</param>
    public FileServer(string directory)
    {
        this.directory = directory;
        Url = $"http://127.0.0.1:{FreePort()}";
        listener.Prefixes.Add($"{Url}/");
        listener.Start();
        serving = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Url { get; }

    /// <summary>Paths that were asked for, in that order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Close();
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            try
            {
                await AnswerAsync(await listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // Stopped, or the client has gone.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var path = Uri.UnescapeDataString(context.Request.Url!.AbsolutePath);
        Asked.Enqueue(path);
        await using var answer = context.Response.OutputStream;
        if (!File.Exists(directory + path))
        {
            context.Response.StatusCode = 404;
            return;
        }
        await using var file = File.OpenRead(directory + path);
        context.Response.ContentLength64 = file.Length;
        await file.CopyToAsync(answer);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
