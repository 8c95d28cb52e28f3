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
        var step = default(Step);
        for (var damaged = 0; !step.Taken; )
        {
            var offset = step.There;
            step = await Resuming.UntilDoneAsync(
                site,
                product.FileName,
                () => GoOnAsync(file, product, offset, cancel),
                cancel
            );
            if (step.Damaged && ++damaged == WrongArrivals)
                throw new FarmFaultException(
                    $"{product.FileName} has arrived {WrongArrivals} times at {server.Server} damaged"
                );
        }
        return product;
    }

    /// <summary>Sends the next piece; also an empty one, when all is there: only an answered piece makes the server take the product.</summary>
    private async Task<Step> GoOnAsync(SafeFileHandle file, Product product, long offset, CancellationToken cancel)
    {
        try
        {
            var there = await PutAsync(file, product, offset, cancel);
            return new(Math.Min(there, product.Size), Taken: there == product.Size, Damaged: false);
        }
        catch (WrongOffsetException e)
        {
            return new(Math.Clamp(e.Length, 0, product.Size), Taken: false, Damaged: false);
        }
        catch (NotAsAnnouncedException)
        {
            return new(0, Taken: false, Damaged: true);
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

    /// <summary>What a piece has come to.</summary>
    /// <param name="There">How much the server has now.</param>
    /// <param name="Taken">It has the product whole, and has checked it.</param>
    /// <param name="Damaged">It has thrown away all that had arrived.</param>
    private readonly record struct Step(long There, bool Taken, bool Damaged);
}
