using System.Net;
using System.Net.Http.Headers;
using PkgForge.Cli.Remote;
using PkgForge.Jobs;
using PkgForge.Registry.Views;
using PkgForge.Web.Api;

namespace PkgForge.Cli.Downloads;

/// <summary>The results of a server's farm. Disposing of them ends the hold on the server.</summary>
internal sealed class RemoteResults(FarmServer server) : IResults
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    public Task<JobJson> FindAsync(JobId job, CancellationToken cancel) =>
        new RemoteJobs(server).FindAsync(job, cancel);

    public async Task<IReadOnlyList<ProductJson>> ListAsync(JobId job, string platform, CancellationToken cancel) =>
        await server.GetAsync($"jobs/{job}/tasks/{platform}/products", ApiJson.Default.ProductJsonArray, cancel);

    public async Task<Stream?> OpenAsync(JobId job, ResultFile file, long offset, CancellationToken cancel)
    {
        var attempt = $"jobs/{job}/tasks/{file.Platform}/attempts/{file.Attempt}";
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            file.Kind switch
            {
                ResultKind.Log => $"{attempt}/log",
                ResultKind.Record => $"{attempt}/record",
                _ => $"{attempt}/products/{Uri.EscapeDataString(file.Name)}",
            }
        );
        if (offset > 0)
            request.Headers.Range = new RangeHeaderValue(offset, null);
        if (await server.FindAsync(request, cancel) is not { } answer)
            return null;
        var stream = new PatientStream(await answer.Content.ReadAsStreamAsync(cancel), Patience);
        // A server, or what stands before it, may send the whole file all the same.
        if (offset > 0 && answer.StatusCode != HttpStatusCode.PartialContent)
            await SkipAsync(stream, offset, cancel);
        return stream;
    }

    public ValueTask DisposeAsync()
    {
        server.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task SkipAsync(Stream stream, long length, CancellationToken cancel)
    {
        var block = new byte[1 << 16];
        while (length > 0)
        {
            var read = await stream.ReadAsync(block.AsMemory(0, (int)Math.Min(block.Length, length)), cancel);
            if (read == 0)
                throw new IOException("the file is shorter than what was had of it");
            length -= read;
        }
    }
}
