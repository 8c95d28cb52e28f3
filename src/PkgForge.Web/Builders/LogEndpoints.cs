using System.Buffers;
using Microsoft.AspNetCore.Http;
using PkgForge.Records;
using PkgForge.Registry.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Builders;

/// <summary>The attempt's log, and what is kept beside it: <c>log</c>, <c>logs/NAME</c>, <c>flush</c>.</summary>
internal sealed class LogEndpoints(ServedFarm farm, HeldTasks tasks)
{
    /// <summary>The most bytes of one request.</summary>
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

    /// <summary>
    /// Appends what a request brings as it comes, so that those who watch see it at once: a builder sends one while its log grows. What has come stays when it
    /// breaks. The task may be lost while it lasts.
    /// </summary>
    private async Task<IResult> AppendAsync(BuilderCall call, HeldTask held)
    {
        if (call.Number("offset") is not { } offset)
            return Answers.BadRequest("expected 'offset', the number of bytes that the log has");
        if (RequestBody.Bound(call.Http, MostAtOnce) is { } tooMuch)
            return tooMuch;
        var body = call.Http.Request.BodyReader;
        IResult? problem = null;
        for (var isFirst = true; ; isFirst = false)
        {
            var read = await body.ReadAsync(call.Cancel);
            var length = read.Buffer.Length;
            try
            {
                // It may have come long after the last.
                if (!isFirst && await tasks.FindAsync(held.Task.Lease, BuilderRoutes.Fresh, call.Cancel) is null)
                    problem = Answers.LeaseLost;
                problem ??= await AppendAsync(held, read.Buffer, offset, call.Cancel);
            }
            finally
            {
                body.AdvanceTo(read.Buffer.End);
            }
            offset += length;
            // What is of no use is read all the same: over HTTP/1.1 nobody reads an answer before all is sent.
            if (read.IsCompleted)
                return problem ?? Answers.Length(offset);
        }
    }

    private async Task<IResult?> AppendAsync(
        HeldTask held,
        ReadOnlySequence<byte> bytes,
        long offset,
        CancellationToken cancel
    )
    {
        await using var turn = await held.TurnAsync(cancel);
        var store = await held.StoreAsync(cancel);
        using var file = File.OpenHandle(store.LogPath, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        var length = RandomAccess.GetLength(file);
        if (length != offset)
            return Answers.WrongOffset(offset, length);
        if (length + bytes.Length > farm.Files.MostLog + BeyondLimit)
            return Answers.TooMuch(
                $"the log would have more than {farm.Files.MostLog} bytes, the farm's limit ('limits: log')"
            );
        RequestBody.Write(file, bytes, length);
        store.LogGrew();
        return null;
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
