using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PkgForge.Tests.Shared;

/// <summary>A small mail server (RFC 5321) on this machine that keeps what it gets. It can be told to be difficult.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<SinkMessage> messages = new();
    private readonly Task accepting;

    public SmtpSink()
    {
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>What it has got, oldest first.</summary>
    public IReadOnlyList<SinkMessage> Messages => [.. messages];

    /// <summary>Chooses the answer to a command line; null for the usual one, an empty string to hang up.</summary>
    public Func<string, string?> Answer { get; set; } = _ => null;

    /// <summary>Says nothing at all to new connections.</summary>
    public bool Silent { get; set; }

    public async ValueTask DisposeAsync()
    {
        if (accepting.IsCompleted)
            return;
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (!stop.IsCancellationRequested)
                sessions.Add(ServeAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
                await using var writer = new StreamWriter(client.GetStream(), Encoding.Latin1)
                {
                    NewLine = "\r\n",
                    AutoFlush = true,
                };
                if (Silent)
                    await Task.Delay(Timeout.Infinite, stop.Token);
                await TalkAsync(reader, writer);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client has gone, or the test is over.
            }
        }
    }

    private async Task TalkAsync(StreamReader reader, StreamWriter writer)
    {
        await writer.WriteLineAsync("220 sink");
        var (from, to) = ("", new List<string>());
        while (await reader.ReadLineAsync(stop.Token) is { } line)
        {
            var answer = Answer(line);
            if (answer == "")
                return;
            var command = line.Split(' ', ':')[0].ToUpperInvariant();
            if (answer is null && command == "MAIL")
                from = line;
            if (answer is null && command == "RCPT")
                to.Add(line[(line.IndexOf('<') + 1)..line.IndexOf('>')]);
            await writer.WriteLineAsync(answer ?? Usual(command));
            if (answer is null && command == "DATA")
            {
                messages.Enqueue(new(from, to, await ReadDataAsync(reader)));
                (from, to) = ("", []);
                await writer.WriteLineAsync("250 taken");
            }
            if (command == "QUIT")
                return;
        }
    }

    private static string Usual(string command) =>
        command switch
        {
            "EHLO" => "250 sink",
            "HELO" or "MAIL" or "RCPT" or "RSET" or "NOOP" => "250 ok",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "502 not here",
        };

    private async Task<byte[]> ReadDataAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(stop.Token) is { } line && line != ".")
            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        return Encoding.Latin1.GetBytes(text.ToString());
    }
}

/// <summary>A message as it came.</summary>
/// <param name="From">The line MAIL FROM.</param>
/// <param name="To">The addresses that it was sent to, which the headers need not show.</param>
/// <param name="Content">Header and body.</param>
public sealed record SinkMessage(string From, IReadOnlyList<string> To, byte[] Content);
