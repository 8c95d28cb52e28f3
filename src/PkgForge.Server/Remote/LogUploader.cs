using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Server.Remote;

/// <summary>
/// Passes a growing log on: at once when it grows, and again when it has grown and as long has gone by as the last time took, so that a slow way or server
/// gets fewer and larger pieces. It goes on from what the server says it has, so that
/// nothing is there twice however often the connection breaks.
/// </summary>
internal sealed class LogUploader : IAsyncDisposable
{
    private const int MostAtOnce = 256 << 10;

    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private readonly RemoteSite site;
    private readonly ServerConnection server;
    private readonly string path;
    private readonly string log;
    private readonly SemaphoreSlim grown = new(0, 1);
    private readonly SemaphoreSlim turn = new(1);
    private readonly CancellationTokenSource ended = new();
    private readonly Task passing;
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
        await turn.WaitAsync(cancel);
        try
        {
            using var file = new FileStream(log, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite, 1);
            while (sent < file.Length)
                sent = await Resuming.UntilDoneAsync(site, "log", () => SendAsync(file, cancel), cancel);
        }
        finally
        {
            turn.Release();
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
                var began = site.Time.GetTimestamp();
                await CatchUpAsync(ended.Token);
                await Task.Delay(PauseAfter(site.Time.GetElapsedTime(began)), site.Time, ended.Token);
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

    private static TimeSpan PauseAfter(TimeSpan taken) =>
        TimeSpan.FromTicks(Math.Clamp(taken.Ticks, LeastPause.Ticks, LongestPause.Ticks));

    private async Task<long> SendAsync(FileStream file, CancellationToken cancel)
    {
        var buffer = new byte[(int)Math.Min(MostAtOnce, file.Length - sent)];
        file.Position = sent;
        await file.ReadExactlyAsync(buffer, cancel);
        try
        {
            var answer = await server.TryAsync(
                () => new(HttpMethod.Post, $"{path}?offset={sent}") { Content = new ByteArrayContent(buffer) },
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
