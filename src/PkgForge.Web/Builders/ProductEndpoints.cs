using Microsoft.AspNetCore.Http;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Builders;

/// <summary>
/// Products, in pieces: <c>PUT products/NAME?offset=N&amp;size=S&amp;sha256=H</c> appends its body; the piece that makes the size whole has the
/// digest checked, and the product handed to the farm. <c>GET</c> says how much has arrived.
/// </summary>
internal sealed class ProductEndpoints(ServedFarm farm, HeldTasks tasks)
{
    public void Map(BuilderRoutes routes)
    {
        routes.MapHeld("GET", "/products/{name}", LengthAsync);
        routes.MapHeld("PUT", "/products/{name}", PutAsync);
    }

    private static async Task<IResult> LengthAsync(BuilderCall call, HeldTask held)
    {
        var name = call.Part("name");
        if (!ProductName.IsWellFormed(name))
            return BadName;
        await using (await held.TurnAsync(call.Cancel))
        {
            if (held.Kept(name) is { } kept)
                return Answers.Length(kept.Size);
        }
        return Answers.Length(held.Uploads.LengthOf(name));
    }

    private async Task<IResult> PutAsync(BuilderCall call, HeldTask held)
    {
        var name = call.Part("name");
        if (!ProductName.IsWellFormed(name))
            return BadName;
        if (call.Number("offset") is not { } offset || call.Number("size") is not { } size || offset > size)
            return Answers.BadRequest("expected 'offset' and 'size', numbers of bytes, the first not above the second");
        if (call.Word("sha256") is not { } sha256 || !BuilderToken.IsSha256(sha256))
            return Answers.BadRequest("expected 'sha256', 64 lower-case hexadecimal digits");
        if (size > farm.Files.MostProduct)
            return Answers.TooMuch(
                $"{name} has {size} bytes; a product may have {farm.Files.MostProduct} ('limits: root')"
            );
        if (RequestBody.Bound(call.Http, RequestBody.MostOfAny) is { } tooMuch)
            return tooMuch;
        var (upload, fault) = held.Uploads.Product(name, size);
        if (upload is null)
            return Answers.TooMuch(fault!);
        var product = new Product(name, size, sha256);
        return await upload.Turnstile.TakeOverAsync(
            cancel => ReceiveAsync(call, held, upload, (offset, product), cancel),
            call.Cancel
        );
    }

    private async Task<IResult> ReceiveAsync(
        BuilderCall call,
        HeldTask held,
        Upload upload,
        (long Offset, Product Product) piece,
        CancellationToken cancel
    )
    {
        var (offset, product) = piece;
        await using (await held.TurnAsync(cancel))
        {
            if (held.Kept(product.FileName) == product)
                return Answers.Length(product.Size);
        }
        // Nothing could ever go on from there.
        if (upload.Length > product.Size)
            upload.Remove();
        if (upload.Length != offset)
            return Answers.WrongOffset(offset, upload.Length);
        if (!await upload.AppendAsync(call.Http.Request.Body, product.Size, cancel))
        {
            upload.Remove();
            return Answers.NotAsAnnounced(
                $"{product.FileName}: more bytes came than the {product.Size} that were announced: send it again"
            );
        }
        return upload.Length == product.Size
            ? await KeepAsync(held, upload, product, cancel)
            : Answers.Length(upload.Length);
    }

    private async Task<IResult> KeepAsync(HeldTask held, Upload upload, Product product, CancellationToken cancel)
    {
        var arrived = Upload.Describe(upload.Path);
        if (arrived != product)
        {
            upload.Remove();
            return Answers.NotAsAnnounced(
                $"{product.FileName}: the bytes have the SHA-256 {arrived.Sha256}; {product.Sha256} was announced: send it again"
            );
        }
        // It may have taken long: ask again whether the task is still the caller's.
        if (await tasks.FindAsync(held.Task.Lease, TimeSpan.Zero, cancel) != held)
            return Answers.LeaseLost;
        await using var turn = await held.TurnAsync(cancel);
        await held.KeepAsync(upload.Path, cancel);
        return Answers.Length(product.Size);
    }

    private static IResult BadName => Answers.BadRequest($"this is not a product's name: expected {ProductName.Rule}");
}
