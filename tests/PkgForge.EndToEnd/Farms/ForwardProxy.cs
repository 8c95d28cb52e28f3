namespace PkgForge.EndToEnd.Farms;

/// <summary>
/// A real nginx that passes requests on to wherever they are for, as a company's proxy does, and writes down what it was asked for. The test distribution is at <see cref="Distribution"/>, which
/// nobody finds but by this proxy.
/// </summary>
internal sealed class ForwardProxy
{
    /// <summary>Where the test distribution is.</summary>
    public const string Distribution = "http://tiny.invalid";

    private readonly string log;

    private ForwardProxy(string address, string log) => (Address, this.log) = (address, log);

    /// <summary>Where it is.</summary>
    public string Address { get; }

    /// <summary>Starts one, and waits until it takes connections.</summary>
    public static async Task<ForwardProxy> StartAsync(TestFarm farm)
    {
        var (directory, port) = ($"{farm.Directory}/forward", Nginx.FreePort());
        var resolver = File.ReadLines("/etc/resolv.conf")
            .First(line => line.StartsWith("nameserver ", StringComparison.Ordinal));
        await Nginx.StartAsync(
            farm,
            directory,
            $$"""
                log_format asked '$request';
                access_log {{directory}}/asked asked;
                server {
                    listen 127.0.0.1:{{port}} default_server;
                    resolver {{resolver.Split(' ')[1]}};
                    proxy_http_version 1.1;
                    location / { proxy_pass http://$http_host$request_uri; }
                }
                server {
                    listen 127.0.0.1:{{port}};
                    server_name tiny.invalid;
                    root {{Cache.Distribution}};
                }
            """
        );
        return new($"http://127.0.0.1:{port}", $"{directory}/asked");
    }

    /// <summary>The requests that it has had.</summary>
    public IReadOnlyList<string> Asked() => File.Exists(log) ? File.ReadAllLines(log) : [];
}
