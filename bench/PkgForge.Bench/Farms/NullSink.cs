using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace PkgForge.Bench.Farms;

/// <summary>An HTTP server that reads what it is sent, and drops it. It is the one that the farm has (Kestrel), and does nothing else.</summary>
internal sealed class NullSink : IAsyncDisposable
{
    private readonly WebApplication app;

    private NullSink(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.First());

    public static async Task<NullSink> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = "/" });
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.Limits.MaxRequestBodySize = null;
                kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            });
        var sink = builder.Build();
        sink.Run(DropAsync);
        await sink.StartAsync();
        return new(sink);
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private static async Task DropAsync(HttpContext http)
    {
        while (await http.Request.BodyReader.ReadAsync() is { IsCompleted: false } read)
            http.Request.BodyReader.AdvanceTo(read.Buffer.End);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
