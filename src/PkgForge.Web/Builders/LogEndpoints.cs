using Microsoft.AspNetCore.Http;
using PkgForge.Records;
using PkgForge.Registry.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Builders;

/// <summary>The attempt's log, and what is kept beside it: <c>log</c>, <c>logs/NAME</c>, <c>flush</c>.</summary>
internal sealed class LogEndpoints(ServedFarm farm)
{
    /// <summary>The most bytes that are appended at once: they are held in memory, so that a broken request appends nothing.</summary>
    private const int MostAtOnce = 1 << 20;

    /// <summary>Lines of the builder itself are written also when the limit is reached.</summary>
    private const int BeyondLimit = 1 << 20;

    public void Map(BuilderRoutes routes)
    {
        routes.MapHeld("GET", "/log", LengthAsync);
        routes.MapHeld("POST", "/log", AppendAsync);
        routes.MapHeld("PUT", "/logs/{name}", KeepAsync);
        routes.MapHeld("POST", "/flush", FlushAsync);
    }

    private static async Task<IResult> LengthAsync(BuilderCall call, HeldTask held)
    {
        await using var turn = await held.TurnAsync(call.Cancel);
        return Answers.Length(LengthOf((await held.StoreAsync(call.Cancel)).LogPath));
    }

    private async Task<IResult> AppendAsync(BuilderCall call, HeldTask held)
    {
        if (call.Number("offset") is not { } offset)
            return Answers.BadRequest("expected 'offset', the number of bytes that the log has");
        if (RequestBody.Bound(call.Http, MostAtOnce) is { } tooMuch)
            return tooMuch;
        using var bytes = new MemoryStream();
        await call.Http.Request.Body.CopyToAsync(bytes, call.Cancel);
        await using var turn = await held.TurnAsync(call.Cancel);
        var store = await held.StoreAsync(call.Cancel);
        using var file = File.OpenHandle(store.LogPath, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        var length = RandomAccess.GetLength(file);
        if (length != offset)
            return Answers.WrongOffset(offset, length);
        if (length + bytes.Length > farm.Files.MostLog + BeyondLimit)
            return Answers.TooMuch(
                $"the log would have more than {farm.Files.MostLog} bytes, the farm's limit ('limits: log')"
            );
        RandomAccess.Write(file, bytes.GetBuffer().AsSpan(0, (int)bytes.Length), length);
        store.LogGrew();
        return Answers.Length(length + bytes.Length);
    }

    private static async Task<IResult> KeepAsync(BuilderCall call, HeldTask held)
    {
        var name = call.Part("name");
        if (
            name != RecordFile.Name
            && !(ProductName.IsWellFormed(name) && name.EndsWith(".log", StringComparison.Ordinal))
        )
            return Answers.BadRequest(
                $"a log's name ends in .log and is {ProductName.Rule}; the record's is {RecordFile.Name}"
            );
        if (RequestBody.Bound(call.Http, RequestBody.MostOfAny) is { } tooMuch)
            return tooMuch;
        if (held.Uploads.Log(name) is not { } upload)
            return Answers.TooMuch($"the task has brought {TaskUploads.MostLogs} logs; more are not taken");
        return await upload.Turnstile.TakeOverAsync(
            async cancel =>
            {
                upload.Remove();
                await upload.AppendAsync(call.Http.Request.Body, RequestBody.MostOfAny, cancel);
                await using var turn = await held.TurnAsync(cancel);
                await (await held.StoreAsync(cancel)).KeepLogAsync(upload.Path, cancel);
                return Answers.NoContent;
            },
            call.Cancel
        );
    }

    private static async Task<IResult> FlushAsync(BuilderCall call, HeldTask held)
    {
        await using var turn = await held.TurnAsync(call.Cancel);
        await (await held.StoreAsync(call.Cancel)).FlushAsync(call.Cancel);
        return Answers.NoContent;
    }

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
}
