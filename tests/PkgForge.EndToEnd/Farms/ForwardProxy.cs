using System.Net;
using System.Net.Sockets;

namespace PkgForge.EndToEnd.Farms;

/// <summary>A real nginx that passes requests on to wherever they are for, as a company's proxy does, and writes down what it was asked for.</summary>
internal sealed class ForwardProxy
{
    private readonly string log;

    private ForwardProxy(string address, string log) => (Address, this.log) = (address, log);

    /// <summary>Where it is.</summary>
    public string Address { get; }

    /// <summary>Starts one, and waits until it takes connections.</summary>
    public static async Task<ForwardProxy> StartAsync(TestFarm farm)
    {
        var directory = $"{farm.Directory}/forward";
        Directory.CreateDirectory(directory);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var resolver = File.ReadLines("/etc/resolv.conf")
            .First(line => line.StartsWith("nameserver ", StringComparison.Ordinal));
        await File.WriteAllTextAsync(
            $"{directory}/nginx.conf",
            $$"""
            daemon off;
            pid {{directory}}/pid;
            error_log stderr notice;
            events {}
            http {
                log_format asked '$request';
                access_log {{directory}}/asked asked;
                client_body_temp_path {{directory}}/body;
                proxy_temp_path {{directory}}/proxied;
                fastcgi_temp_path {{directory}}/fastcgi;
                uwsgi_temp_path {{directory}}/uwsgi;
                scgi_temp_path {{directory}}/scgi;
                server {
                    listen 127.0.0.1:{{port}};
                    resolver {{resolver.Split(' ')[1]}};
                    proxy_http_version 1.1;
                    location / { proxy_pass http://$http_host$request_uri; }
                }
            }
            """
        );
        await farm.GiveAsync(directory);
        string[] nginx = ["nginx", "-p", directory, "-e", "stderr", "-c", $"{directory}/nginx.conf"];
        await farm.Run(FarmProcess.Start(Executable.AsUser(nginx))).SaysAsync("start worker process ");
        return new($"http://127.0.0.1:{port}", $"{directory}/asked");
    }

    /// <summary>The requests that it has had.</summary>
    public IReadOnlyList<string> Asked() => File.Exists(log) ? File.ReadAllLines(log) : [];
}
