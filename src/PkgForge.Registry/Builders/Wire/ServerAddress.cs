using System.Net;

namespace PkgForge.Registry.Builders.Wire;

/// <summary>What is to know of a server's address before a secret goes there.</summary>
public static class ServerAddress
{
    /// <summary>Whether a token can be sent there: with TLS, or without leaving the machine.</summary>
    public static bool IsSafe(Uri server) => server.Scheme == "https" || IsLocal(server);

    /// <summary>Whether only this machine reaches the address.</summary>
    public static bool IsLocal(Uri server) =>
        server.Host == "localhost"
        || IPAddress.TryParse(server.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip);

    /// <summary>The one line that makes another machine a builder.</summary>
    /// <param name="server">By which address it reaches the server.</param>
    /// <param name="code">The one-time code.</param>
    public static string EnrolmentLine(Uri server, string code) =>
        $"pkgforge buildd --server {server.AbsoluteUri.TrimEnd('/')} --enrol {code}{(IsSafe(server) ? "" : " --insecure")} --daemon";
}
