using System.Net;
using System.Net.Sockets;

namespace PkgForge.EndToEnd.Farms;

/// <summary>A real nginx, run as the farm's user.</summary>
internal static class Nginx
{
    /// <summary>A port of the loopback that nobody listens at.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts one, and waits until it takes connections.</summary>
    /// <param name="farm">Ends it.</param>
    /// <param name="directory">Its own.</param>
    /// <param name="sites">What stands in the section <c>http</c>.</param>
    public static async Task StartAsync(TestFarm farm, string directory, string sites)
    {
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(
            $"{directory}/nginx.conf",
            $$"""
            daemon off;
            pid {{directory}}/pid;
            error_log stderr notice;
            events {}
            http {
                client_body_temp_path {{directory}}/body;
                proxy_temp_path {{directory}}/proxied;
                fastcgi_temp_path {{directory}}/fastcgi;
                uwsgi_temp_path {{directory}}/uwsgi;
                scgi_temp_path {{directory}}/scgi;
            {{sites}}
            }
            """
        );
        await farm.GiveAsync(directory);
        string[] nginx = ["nginx", "-p", directory, "-e", "stderr", "-c", $"{directory}/nginx.conf"];
        await farm.Run(FarmProcess.Start(Executable.AsUser(nginx))).SaysAsync("start worker process ");
    }
}
