using System.Text;
using Microsoft.AspNetCore.Http;

namespace PkgForge.Web.Hosting;

/// <summary>Server-sent events (HTML Living Standard, 9.2) to one browser.</summary>
internal sealed class EventStream(HttpContext http)
{
    /// <summary>Begins the answer.</summary>
    public async Task OpenAsync(CancellationToken cancel)
    {
        http.Response.ContentType = "text/event-stream";
        // A proxy that collects an answer before it passes it on would hold events back.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        await KeepAsync(cancel);
    }

    /// <summary>Sends an event.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="data">One line of data.</param>
    /// <param name="id">What the browser names when it comes again; null for nothing.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task SendAsync(string name, string data, string? id, CancellationToken cancel)
    {
        var text = $"event: {name}\n{(id is null ? "" : $"id: {id}\n")}data: {data}\n\n";
        await http.Response.BodyWriter.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
    }

    /// <summary>Says nothing, so that nobody takes the connection for dead.</summary>
    public async Task KeepAsync(CancellationToken cancel) =>
        await http.Response.BodyWriter.WriteAsync(": \n\n"u8.ToArray(), cancel);
}
