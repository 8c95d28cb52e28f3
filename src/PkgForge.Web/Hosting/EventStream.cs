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
    public Task SendAsync(string name, string data, string? id, CancellationToken cancel) =>
        SendAsync(Bytes(name, data, id), cancel);

    /// <summary>Sends an event that was made before, for whoever it is.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel) =>
        await http.Response.BodyWriter.WriteAsync(bytes, cancel);

    /// <summary>An event as it is sent.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="data">One line of data.</param>
    /// <param name="id">What the browser names when it comes again; null for nothing.</param>
    public static byte[] Bytes(string name, string data, string? id) =>
        Encoding.UTF8.GetBytes($"event: {name}\n{(id is null ? "" : $"id: {id}\n")}data: {data}\n\n");

    /// <summary>Says nothing, so that nobody takes the connection for dead.</summary>
    public async Task KeepAsync(CancellationToken cancel) =>
        await http.Response.BodyWriter.WriteAsync(": \n\n"u8.ToArray(), cancel);

    /// <summary>The id of the last event that the caller has (<c>Last-Event-ID</c>); null when it has none.</summary>
    public static string? LastIdOf(HttpContext http) =>
        http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 and <= 64 } id ? id : null;
}
