using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;
using PkgForge.Web.Live;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Logs;

/// <summary>How a log is sent while it grows.</summary>
internal interface ILogOutput
{
    /// <summary>Begins the answer.</summary>
    Task OpenAsync(CancellationToken cancel);

    /// <summary>Where the next bytes of the log are to be put, so many or more.</summary>
    Span<byte> Room(int size);

    /// <summary>Sends the first of what was put there.</summary>
    Task SendAsync(int count, CancellationToken cancel);

    /// <summary>Shows that the connection is alive, where that can be shown.</summary>
    Task KeepAsync(CancellationToken cancel);

    /// <summary>The log is whole.</summary>
    Task EndAsync(CancellationToken cancel);
}

/// <summary>The log's own bytes, and nothing else.</summary>
internal sealed class LogBytes(HttpContext http) : ILogOutput
{
    public Task OpenAsync(CancellationToken cancel)
    {
        SafeHeaders.OfFile(http);
        http.Response.ContentType = ResultFiles.Text;
        return http.Response.StartAsync(cancel);
    }

    public Span<byte> Room(int size) => http.Response.BodyWriter.GetSpan(size);

    public async Task SendAsync(int count, CancellationToken cancel)
    {
        http.Response.BodyWriter.Advance(count);
        await http.Response.BodyWriter.FlushAsync(cancel);
    }

    public Task KeepAsync(CancellationToken cancel) => Task.CompletedTask;

    public Task EndAsync(CancellationToken cancel) => Task.CompletedTask;
}

/// <summary>Events, each with the lines that have come. Its id is the number of bytes of the log up to their end: who comes again with it goes on exactly there.</summary>
internal sealed class LineEvents(HttpContext http, long offset) : ILogOutput
{
    /// <summary>A line that is longer is sent in pieces. Bytes.</summary>
    private const int LongestPiece = 64 << 10;

    private readonly EventStream events = new(http);
    private readonly List<byte> held = [];
    private byte[] room = [];
    private long sent = offset;

    public Task OpenAsync(CancellationToken cancel) => events.OpenAsync(cancel);

    public Span<byte> Room(int size)
    {
        if (room.Length < size)
            room = new byte[size];
        return room;
    }

    public async Task SendAsync(int count, CancellationToken cancel)
    {
        var end = room.AsSpan(0, count).LastIndexOf((byte)'\n') + 1;
        if (end > 0)
        {
            held.AddRange(room.AsSpan(0, end));
            await TellAsync(isWhole: true, cancel);
        }
        held.AddRange(room.AsSpan(end, count - end));
        if (held.Count >= LongestPiece)
            await TellAsync(isWhole: false, cancel);
    }

    public Task KeepAsync(CancellationToken cancel) => events.KeepAsync(cancel);

    public async Task EndAsync(CancellationToken cancel)
    {
        // A last line that nothing ends.
        if (held.Count > 0)
            await TellAsync(isWhole: true, cancel);
        await events.SendAsync(FarmEvent.End, "{}", null, cancel);
    }

    private async Task TellAsync(bool isWhole, CancellationToken cancel)
    {
        var bytes = Sendable(isWhole);
        var text = Encoding.UTF8.GetString(bytes);
        var lines = (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
        var data = new LogLinesJson(sent, lines, isWhole ? null : true);
        sent += bytes.Length;
        await events.SendAsync(
            "lines",
            JsonSerializer.Serialize(data, EventJson.Default.LogLinesJson),
            sent.ToString(CultureInfo.InvariantCulture),
            cancel
        );
    }

    /// <summary>What is held; of a piece of a line not the character that is still to come in part.</summary>
    private byte[] Sendable(bool isWhole)
    {
        byte[] bytes = [.. held];
        var end = isWhole ? bytes.Length : WholeCharacters(bytes);
        held.RemoveRange(0, end);
        return bytes[..end];
    }

    private static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        // A character of UTF-8 has four bytes at most, and all but its first begin with the bits 10.
        var first = bytes.Length - 1;
        while (first > bytes.Length - 4 && (bytes[first] & 0xc0) == 0x80)
            first--;
        return bytes[first] >= 0xc0 ? first : bytes.Length;
    }
}
