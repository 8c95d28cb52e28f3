using System.Net;
using Microsoft.Win32.SafeHandles;

namespace PkgForge.Server.Remote;

/// <summary>A part of a file as the body of a request, read as it is sent: however large it is, little of it is in memory.</summary>
/// <param name="file">Open for reading; stays open.</param>
/// <param name="offset">Where the part begins.</param>
/// <param name="length">Its bytes. The file must have them.</param>
internal sealed class FilePiece(SafeFileHandle file, long offset, long length) : HttpContent
{
    private const int BufferSize = 128 << 10;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        var buffer = new byte[(int)Math.Min(BufferSize, Math.Max(1, length))];
        for (long sent = 0; sent < length; )
        {
            var wanted = (int)Math.Min(buffer.Length, length - sent);
            var read = RandomAccess.Read(file, buffer.AsSpan(0, wanted), offset + sent);
            if (read == 0)
                throw new FarmFaultException(
                    $"a file became shorter than {offset + length} bytes while it was uploaded"
                );
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            sent += read;
        }
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
