using Microsoft.Win32.SafeHandles;
using PkgForge.Registry;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Server.Remote;

/// <summary>Hands one product to the server, in pieces, going on after a break from what the server has of it.</summary>
internal sealed class ProductUpload(RemoteSite site, ServerConnection server, string task)
{
    private const long Piece = 8 << 20;
    private const int WrongArrivals = 3;

    /// <summary>Uploads it.</summary>
    /// <returns>Its name, size and digest, which the server has checked.</returns>
    /// <exception cref="FarmFaultException">It does not arrive as it is.</exception>
    public async Task<Product> SendAsync(string path, CancellationToken cancel)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var product = new Product(Path.GetFileName(path), RandomAccess.GetLength(file), Digest.OfFile(path));
        long? there = 0;
        for (var wrong = 0; there != product.Size || product.Size == 0; )
        {
            there = await Resuming.UntilDoneAsync(
                site,
                product.FileName,
                () => GoOnAsync(file, product, there, cancel),
                cancel
            );
            if (there is null && ++wrong == WrongArrivals)
                throw new FarmFaultException(
                    $"{product.FileName} has arrived {WrongArrivals} times at {server.Server} damaged"
                );
            if (there == product.Size)
                break;
            there ??= 0;
        }
        return product;
    }

    /// <summary>Sends the next piece. Returns how much the server has then; null when it has thrown all of it away.</summary>
    private async Task<long?> GoOnAsync(SafeFileHandle file, Product product, long? known, CancellationToken cancel)
    {
        var offset = known ?? 0;
        try
        {
            return await PutAsync(file, product, offset, cancel);
        }
        catch (WrongOffsetException e)
        {
            return await PutAsync(file, product, Math.Min(e.Length, product.Size), cancel);
        }
        catch (NotAsAnnouncedException)
        {
            return null;
        }
    }

    private async Task<long> PutAsync(SafeFileHandle file, Product product, long offset, CancellationToken cancel)
    {
        var length = Math.Min(Piece, product.Size - offset);
        var query = $"offset={offset}&size={product.Size}&sha256={product.Sha256}";
        var path = $"{task}/products/{Uri.EscapeDataString(product.FileName)}?{query}";
        var answer = await server.TryOnceAsync(
            () => new(HttpMethod.Put, path) { Content = new FilePiece(file, offset, length) },
            ServerConnection.Long,
            WireJson.Default.LengthAnswer,
            cancel
        );
        return answer?.Length ?? throw new FarmUnavailableException($"{server.Server} has answered nothing");
    }
}
