using System.Net.Sockets;
using System.Text;

namespace PkgForge.Cli;

/// <summary>Tells the service manager how a daemon is (sd_notify(3)); nothing happens where none asked.</summary>
internal static class ReadyNotice
{
    private const string Variable = "NOTIFY_SOCKET";

    /// <summary>It serves.</summary>
    public static void Ready() => Send("READY=1");

    /// <summary>It is about to end.</summary>
    public static void Stopping() => Send("STOPPING=1");

    private static void Send(string state)
    {
        // '@' stands for the NUL that begins the name of an abstract socket.
        if (Environment.GetEnvironmentVariable(Variable) is not ['/' or '@', ..] path)
            return;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.SendTo(
                Encoding.UTF8.GetBytes(state),
                new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path)
            );
        }
        catch (SocketException)
        {
            // It does not hear; it is none of the daemon's work.
        }
    }
}
