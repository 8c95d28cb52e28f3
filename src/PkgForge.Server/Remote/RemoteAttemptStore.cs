using PkgForge.Registry;
using PkgForge.Registry.Builders;

namespace PkgForge.Server.Remote;

/// <summary>The log and the products of an attempt on their way to the server.</summary>
internal sealed class RemoteAttemptStore : IAttemptStore
{
    /// <summary>The most bytes of a log of a check that the server takes.</summary>
    private const long MostOfLog = 64 << 20;

    private readonly RemoteSite site;
    private readonly ServerConnection server;
    private readonly string task;
    private readonly LogUploader log;

    public RemoteAttemptStore(RemoteSite site, ServerConnection server, string task, string directory)
    {
        (this.site, this.server, this.task) = (site, server, task);
        LogPath = Path.Combine(directory, "log");
        log = new(site, server, task, LogPath);
    }

    public string LogPath { get; }

    public void LogGrew() => log.Grew();

    public Task<Product> KeepProductAsync(string path, CancellationToken cancel) =>
        new ProductUpload(site, server, task).SendAsync(path, cancel);

    public async Task KeepLogAsync(string path, CancellationToken cancel)
    {
        using var file = File.OpenHandle(path);
        var length = Math.Min(RandomAccess.GetLength(file), MostOfLog);
        var target = $"{task}/logs/{Uri.EscapeDataString(Path.GetFileName(path))}";
        await DoAsync(() => new(HttpMethod.Put, target) { Content = new FilePiece(file, 0, length) }, cancel);
    }

    public async Task FlushAsync(CancellationToken cancel)
    {
        await log.CatchUpAsync(cancel);
        await DoAsync(() => new(HttpMethod.Post, $"{task}/flush"), cancel);
    }

    public ValueTask DisposeAsync() => log.DisposeAsync();

    private Task<bool> DoAsync(Func<HttpRequestMessage> request, CancellationToken cancel) =>
        Resuming.UntilDoneAsync(
            site,
            "results",
            () => server.SendOnceAsync(request, ServerConnection.Long, (_, _) => Task.FromResult(true), cancel),
            cancel
        );
}
