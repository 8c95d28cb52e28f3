using System.Net;
using System.Net.Http.Headers;
using PkgForge.Registry;
using PkgForge.Sources;

namespace PkgForge.Server.Remote;

/// <summary>
/// Fetches one file: beside its place, as <c>.NAME.part</c>, going on after a break from where that was; checked; then renamed. What
/// is at its place already is used if it is right.
/// </summary>
internal sealed class FileDownload(RemoteSite site, ServerConnection server)
{
    private const int BufferSize = 128 << 10;
    private const int WrongDigests = 3;

    /// <summary>Fetches a file, or finds it there.</summary>
    /// <param name="path">What to ask the server for.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="file">What it must be.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FarmFaultException">It does not arrive as it must be.</exception>
    /// <exception cref="NotThereException">The server does not have it.</exception>
    public async Task FetchAsync(string path, string target, SourceFile file, CancellationToken cancel)
    {
        if (IsRight(target, file))
            return;
        var part = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.part");
        for (var wrong = 0; ; )
        {
            await Resuming.UntilDoneAsync(site, file.Name, () => GoOnAsync(path, part, file, cancel), cancel);
            if (IsRight(part, file))
                break;
            File.Delete(part);
            if (++wrong == WrongDigests)
                throw new FarmFaultException(
                    $"{file.Name} has arrived {WrongDigests} times from {server.Server} with another SHA-256 than {file.Sha256}"
                );
        }
        File.Move(part, target, overwrite: true);
    }

    private static bool IsRight(string path, SourceFile file) =>
        new FileInfo(path) is { Exists: true, LinkTarget: null } there
        && there.Length == file.Size
        && Digest.OfFile(path) == file.Sha256;

    /// <summary>Returns when the part has its full length.</summary>
    private async Task<bool> GoOnAsync(string path, string part, SourceFile file, CancellationToken cancel)
    {
        using var output = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        if (output.Length > file.Size)
            output.SetLength(0);
        if (output.Length == file.Size && file.Size > 0)
            return true;
        await server.FetchOnceAsync(
            () => Request(path, output.Length),
            ServerConnection.Long,
            async (response, alive) =>
            {
                if (response.StatusCode != HttpStatusCode.PartialContent)
                    output.SetLength(0);
                output.Position = output.Length;
                await using var body = await response.Content.ReadAsStreamAsync(alive);
                await CopyAsync(body, output, file, alive);
                return true;
            },
            cancel
        );
        return output.Length == file.Size
            ? true
            : throw new FarmUnavailableException($"{file.Name}: {output.Length} of {file.Size} bytes have come");
    }

    private static HttpRequestMessage Request(string path, long from)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (from > 0)
            request.Headers.Range = new RangeHeaderValue(from, null);
        return request;
    }

    /// <summary>Never writes more than the file must have.</summary>
    private static async Task CopyAsync(Stream body, FileStream output, SourceFile file, CancellationToken cancel)
    {
        var buffer = new byte[BufferSize];
        int read;
        while ((read = await ResponseBody.ReadAsync(body, buffer, cancel)) > 0)
        {
            if (output.Position + read > file.Size)
                throw new FarmFaultException($"{file.Name}: more than the {file.Size} bytes come that it should have");
            await output.WriteAsync(buffer.AsMemory(0, read), cancel);
        }
    }
}
