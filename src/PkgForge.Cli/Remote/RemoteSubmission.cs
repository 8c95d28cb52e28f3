using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using PkgForge.Cli.Commands;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using PkgForge.Web.Api;
using Spectre.Console;

namespace PkgForge.Cli.Remote;

/// <summary>Submits a job to a server: its files by tus 1.0, each going on where it broke, then the job.</summary>
/// <param name="server">Where to.</param>
internal sealed class RemoteSubmission(FarmServer server)
{
    /// <summary>How long a file may take.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    public async Task<SubmittedJson> SubmitAsync(Job job, IReadOnlyList<string> paths, CancellationToken cancel)
    {
        // A job is built in the order of its uploads: main files in the job's own order, then all others.
        var ordered = job
            .Sources.Select(name => paths.First(path => Path.GetFileName(path) == name))
            .Concat(paths.Where(path => !job.Sources.Contains(Path.GetFileName(path))))
            .Distinct(StringComparer.Ordinal);
        var uploads = new List<string>();
        try
        {
            await TransferBars.RunAsync(async bars =>
            {
                foreach (var path in ordered)
                    await UploadAsync(path, uploads, bars, cancel);
            });
            // It has an id: asked for twice, the job is there once.
            return await Persistence.AskAsync(
                () =>
                    server.PostAsync(
                        "jobs",
                        Describe(job, uploads),
                        RequestJson.Default.SubmitRequest,
                        ApiJson.Default.SubmittedJson,
                        cancel
                    ),
                cancel
            );
        }
        catch (CommandException)
        {
            // Refused: nobody will ask for them. What a broken connection leaves is removed by the farm in a day.
            foreach (var upload in uploads)
                await RemoveAsync(upload, cancel);
            throw;
        }
    }

    private async Task RemoveAsync(string upload, CancellationToken cancel)
    {
        using var request = Tus(HttpMethod.Delete, $"uploads/{upload}");
        try
        {
            (await server.SendAsync(request, null, cancel)).Dispose();
        }
        catch (Exception e) when (e is CommandException or FarmUnavailableException)
        {
            // What was said first matters more.
        }
    }

    private static SubmitRequest Describe(Job job, List<string> uploads) =>
        new(
            [.. uploads],
            job.Bucket,
            job.Id.ToString(),
            [.. job.Platforms],
            [.. job.Architectures],
            [.. job.Report],
            job.OnError.ToString().ToLowerInvariant(),
            job.Order.Name(),
            job.Priority.Name(),
            [.. job.After.Select(id => id.ToString())],
            job.Scratch
        );

    private async Task UploadAsync(string path, List<string> uploads, ProgressContext? bars, CancellationToken cancel)
    {
        await using var file = File.OpenRead(path);
        var bar = TransferBars.Add(bars, Path.GetFileName(path), file.Length);
        var address = await BeginAsync(Path.GetFileName(path), file.Length, cancel);
        uploads.Add(address.Split('/')[^1]);
        var persistence = new Persistence();
        for (var (offset, broke) = (0L, false); offset < file.Length; )
        {
            try
            {
                var there = broke ? await OffsetAsync(address, cancel) : offset;
                if (there > offset)
                    persistence.Progress();
                (offset, broke, file.Position) = (there, false, there);
                offset = await AppendAsync(address, file, offset, bar, cancel);
            }
            catch (FarmUnavailableException)
            {
                broke = true;
                if (!await persistence.AgainAsync(cancel))
                    throw;
            }
        }
        bar?.Value = bar.MaxValue;
    }

    private async Task<string> BeginAsync(string name, long length, CancellationToken cancel)
    {
        using var request = Tus(HttpMethod.Post, "uploads");
        request.Headers.Add("Upload-Length", length.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("Upload-Metadata", $"filename {Convert.ToBase64String(Encoding.UTF8.GetBytes(name))}");
        using var answer = await server.SendAsync(request, null, cancel);
        return
            answer.StatusCode == HttpStatusCode.Created
            && answer.Headers.Location?.ToString().Split('/')[^1] is { Length: > 0 } id
            ? $"uploads/{id}"
            : throw new FarmUnavailableException($"{server.Address} has not said where to upload {name}");
    }

    private async Task<long> AppendAsync(
        string address,
        FileStream file,
        long offset,
        ProgressTask? bar,
        CancellationToken cancel
    )
    {
        using var request = Tus(HttpMethod.Patch, address);
        request.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
        request.Content = new StreamContent(new Counted(file, bar), 1 << 17);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        request.Content.Headers.ContentLength = file.Length - offset;
        using var answer = await server.SendAsync(request, Longest, cancel);
        return OffsetOf(answer);
    }

    private async Task<long> OffsetAsync(string address, CancellationToken cancel)
    {
        using var request = Tus(HttpMethod.Head, address);
        using var answer = await server.SendAsync(request, null, cancel);
        return OffsetOf(answer);
    }

    private long OffsetOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Upload-Offset", out var values)
        && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? offset
            : throw new FarmUnavailableException($"{server.Address} has not said how much it has of an upload");

    private static HttpRequestMessage Tus(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Tus-Resumable", "1.0.0");
        return request;
    }

    /// <summary>Counts what is read of a file, for the bar.</summary>
    private sealed class Counted(FileStream file, ProgressTask? bar) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer) => Count(file.Read(buffer));

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        ) => Count(await file.ReadAsync(buffer, cancellationToken));

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Count(int read)
        {
            bar?.Value = file.Position;
            return read;
        }
    }
}
