using System.Net.Sockets;

namespace PkgForge.Server.Remote;

/// <summary>Connections to the server. A peer that is gone without a word is noticed in about ten seconds, long before a lease runs out.</summary>
internal static class ServerHandler
{
    private const int TcpProtocol = 6;

    /// <summary>TCP_USER_TIMEOUT of tcp(7): how long what was sent may stay without an answer. Milliseconds.</summary>
    private const int UserTimeout = 18;

    private const int LongestSilence = 15_000;

    public static SocketsHttpHandler Create() =>
        new()
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            ConnectCallback = ConnectAsync,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            // So that a server that has moved to another address is found there.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            KeepAlivePingDelay = TimeSpan.FromSeconds(5),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            EnableMultipleHttp2Connections = true,
            AllowAutoRedirect = false,
            UseCookies = false,
            MaxResponseHeadersLength = 16,
        };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 3);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            socket.SetRawSocketOption(TcpProtocol, UserTimeout, BitConverter.GetBytes(LongestSilence));
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
