using System.Globalization;
using Microsoft.AspNetCore.Http;
using PkgForge.Native;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Logs;

/// <summary>
/// Sends a log's bytes as the build writes them, and ends when the attempt has ended. Who was cut off says by <c>offset</c> how many bytes he has.
/// </summary>
internal sealed class LogFollower(ServedFarm farm, LogWatch watch, CancellationToken stopping)
{
    private const int BlockSize = 1 << 16;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    public IResult Follow(AddressedAttempt found) => new Following(this, found);

    private async Task SendAsync(HttpContext http, AddressedAttempt found)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        var directory = ResultFiles.DirectoryOf(farm, found);
        await using var wakeUp = await farm.Registry.ListenAsync(Topic.Jobs, cancel.Token);
        using var notice = watch.Open(directory.Path, deep: false);
        var news = new News(wakeUp, notice);
        SafeHeaders.OfFile(http);
        http.Response.ContentType = ResultFiles.Text;
        await http.Response.StartAsync(cancel.Token);
        var (offset, told) = (OffsetOf(http), Told.Registry);
        while (true)
        {
            // Asked before the log is read: what was written before the end is then read, too.
            var ended = told != Told.Files && !await IsRunningAsync(found, cancel.Token);
            offset = await SendNewAsync(http, directory.Log, offset, cancel.Token);
            if (ended)
                return;
            told = await news.WaitAsync(Silence, cancel.Token);
        }
    }

    private static long OffsetOf(HttpContext http) =>
        long.TryParse(
            http.Request.Query["offset"].ToString(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var offset
        )
            ? offset
            : 0;

    /// <summary>Whether the attempt still runs.</summary>
    internal async Task<bool> IsRunningAsync(AddressedAttempt found, CancellationToken cancel) =>
        (await farm.Registry.FindJobAsync(found.Detail.Job.Id, cancel))
            ?.Tasks.FirstOrDefault(task => task.Platform == found.Task.Platform)
            ?.Attempts.FirstOrDefault(a => a.Number == found.Attempt.Number)
            ?.Outcome == AttemptOutcome.Running;

    private static async Task<long> SendNewAsync(HttpContext http, string path, long offset, CancellationToken cancel)
    {
        if (FileSystem.LinkStatus(path)?.Kind != FileKind.Regular)
            return offset;
        using var file = FileSystem.OpenFile(path);
        var block = new byte[BlockSize];
        int read;
        while ((read = RandomAccess.Read(file, block, offset)) > 0)
        {
            await http.Response.BodyWriter.WriteAsync(block.AsMemory(0, read), cancel);
            offset += read;
        }
        return offset;
    }

    private sealed class Following(LogFollower follower, AddressedAttempt found) : IResult
    {
        public Task ExecuteAsync(HttpContext http) => follower.SendAsync(http, found);
    }
}
