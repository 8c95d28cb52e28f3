using System.Globalization;
using System.Net;
using System.Net.Sockets;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Faults;

/// <summary>A builder that reaches its farm over HTTP.</summary>
internal static class RemoteParts
{
    /// <summary>Makes this machine a builder of a server at a free port of it. Returns the server's address, where nobody listens any more.</summary>
    public static async Task<string> EnrolAsync(TestFarm farm, string builder)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}");
        var server = farm.Start("serve", "--listen", address);
        await server.SaysAsync(address);
        await farm.DoAsync("buildd", "--server", address, "--enrol", await CodeAsync(farm, builder), "--name", builder);
        await server.StopAsync();
        return address;
    }

    /// <summary>A code to enrol with.</summary>
    public static async Task<string> CodeAsync(TestFarm farm, string builder)
    {
        var words = (await farm.DoAsync("builder", "enrol", builder)).Split(
            (char[]?)null,
            StringSplitOptions.RemoveEmptyEntries
        );
        return words[Array.IndexOf(words, "--enrol") + 1];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
