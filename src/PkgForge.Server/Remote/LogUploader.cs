using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Server.Remote;

/// <summary>
/// Passes a growing log on, as it grows, in requests that last for a quarter of a second each (<see cref="LogStretch"/>). A slow way or server gets fewer and larger pieces. It goes on from what the server
/// says it has, so that nothing is there twice however often the connection breaks.
/// </summary>
internal sealed class LogUploader : IAsyncDisposable
{
    private static readonly TimeSpan Stretch = TimeSpan.FromMilliseconds(250);

    private readonly RemoteSite site;
    private readonly ServerConnection server;
    private readonly string path;
    private readonly string log;
    private readonly SemaphoreSlim grown = new(0, 1);
    private readonly SemaphoreSlim turn = new(1);
    private readonly CancellationTokenSource ended = new();
    private readonly Task passing;
    private int waiting;
    private long sent;

    /// <param name="site">Whose log and clock.</param>
    /// <param name="server">Takes it.</param>
    /// <param name="task">The path of the task on the server.</param>
    /// <param name="log">The file.</param>
    public LogUploader(RemoteSite site, ServerConnection server, string task, string log)
    {
        (this.site, this.server, path, this.log) = (site, server, $"{task}/log", log);
        passing = PassOnAsync();
    }

    /// <summary>Never blocks.</summary>
    public void Grew()
    {
        try
        {
            grown.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is to be looked at already.
        }
    }

    /// <summary>Returns when the server has everything that is in the file now.</summary>
    public async Task CatchUpAsync(CancellationToken cancel)
    {
        Interlocked.Increment(ref waiting);
        // What is on its way ends now.
        Grew();
        try
        {
            await PassOnAsync(follow: false, cancel);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await passing;
        ended.Dispose();
        grown.Dispose();
        turn.Dispose();
    }

    private async Task PassOnAsync()
    {
        try
        {
            while (true)
            {
                await grown.WaitAsync(ended.Token);
                await PassOnAsync(follow: true, ended.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The attempt is over.
        }
        catch (Exception e)
            when (e is LeaseLostException or BuilderRefusedException or FarmFaultException or IOException)
        {
            // Whoever flushes meets it again, and deals with it.
            site.Log.LogNotPassedOn(e.Message);
        }
    }

    /// <summary>Waits until a stretch that began at some time is to go on; false when it is to end.</summary>
    private async Task<bool> GrowsAsync(long began, CancellationToken cancel)
    {
        var rest = Stretch - site.Time.GetElapsedTime(began);
        // Looked at first: whoever waits for the end has said so before he wakes this.
        return Volatile.Read(ref waiting) == 0 && rest > TimeSpan.Zero && await grown.WaitAsync(rest, cancel);
    }

    private async Task PassOnAsync(bool follow, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            using var file = new FileStream(log, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite, 1);
            while (sent < file.Length)
                sent = await Resuming.UntilDoneAsync(site, "log", () => SendAsync(file, follow, cancel), cancel);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<long> SendAsync(FileStream file, bool follow, CancellationToken cancel)
    {
        var began = site.Time.GetTimestamp();
        try
        {
            var answer = await server.TryAsync(
                () =>
                    new(HttpMethod.Post, $"{path}?offset={sent}")
                    {
                        Content = new LogStretch(file, sent, async alive => follow && await GrowsAsync(began, alive)),
                    },
                ServerConnection.Long,
                WireJson.Default.LengthAnswer,
                cancel
            );
            return answer?.Length ?? sent;
        }
        catch (WrongOffsetException e)
        {
            // An answer was lost, or another server has taken over.
            return e.Length;
        }
    }
}
