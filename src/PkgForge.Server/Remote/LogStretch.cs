using System.Net;

namespace PkgForge.Server.Remote;

/// <summary>
/// The next part of a log that grows, as the body of a request: what is there goes at once, what comes while the request lasts goes when it comes. A proxy may keep
/// the whole of it back until it has ended, and only its answer says what the server has, so it does not last long.
/// </summary>
/// <param name="file">The log, open for reading; stays open.</param>
/// <param name="from">Where the part begins.</param>
/// <param name="grewAsync">Waits until there is more. False when the part is to end with what is there.</param>
internal sealed class LogStretch(FileStream file, long from, Func<CancellationToken, Task<bool>> grewAsync)
    : HttpContent
{
    private const int BufferSize = 64 << 10;
    private const int MostAtOnce = 256 << 10;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        var buffer = new byte[BufferSize];
        var sent = 0;
        do
        {
            for (int read; (read = Read(buffer, sent)) > 0; sent += read)
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await stream.FlushAsync(cancellationToken);
        } while (sent < MostAtOnce && await grewAsync(cancellationToken));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private int Read(byte[] buffer, int sent) =>
        RandomAccess.Read(
            file.SafeFileHandle,
            buffer.AsSpan(0, Math.Min(buffer.Length, MostAtOnce - sent)),
            from + sent
        );
}
