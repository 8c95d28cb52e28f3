using System.Net;
using System.Net.Http.Headers;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;

namespace PkgForge.Cli.Remote;

/// <summary>The lines around a place of a log that is on a server: of the log only what is around them is asked for.</summary>
internal static class RemoteExcerpt
{
    /// <summary>So many bytes before the place, and after it. An excerpt takes no more.</summary>
    private const int Window = 64 << 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<ExcerptLine>> ReadAsync(
        FarmServer server,
        string log,
        LogPlace place,
        CancellationToken cancel
    )
    {
        var start = Math.Max(0, place.Offset - Window);
        using var request = new HttpRequestMessage(HttpMethod.Get, log);
        request.Headers.Range = new RangeHeaderValue(start, place.Offset + Window - 1);
        using var answer = await server.FindAsync(request, cancel);
        if (answer is null || start > 0 && answer.StatusCode != HttpStatusCode.PartialContent)
            return [];
        var bytes = await ReadAsync(server, answer, cancel);
        var directory = Directory.CreateTempSubdirectory("pkgforge-").FullName;
        var piece = Path.Combine(directory, "log");
        try
        {
            await File.WriteAllBytesAsync(piece, bytes, cancel);
            return LogExcerpt.Read(piece, place with { Offset = place.Offset - start });
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<byte[]> ReadAsync(FarmServer server, HttpResponseMessage answer, CancellationToken cancel)
    {
        var block = new byte[2 * Window];
        try
        {
            await using var content = new PatientStream(await answer.Content.ReadAsStreamAsync(cancel), Patience);
            var length = await content.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, cancel);
            return block[..length];
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw ServerTrouble.Broken(server.Address, e);
        }
    }
}
