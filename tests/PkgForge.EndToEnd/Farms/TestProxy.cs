using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AwesomeAssertions;

namespace PkgForge.EndToEnd.Farms;

/// <summary>A real nginx in front of a farm's server, set up as the administrator's guide says.</summary>
internal static partial class TestProxy
{
    private const string Guide = "docs/admin/web.md";

    /// <summary>Starts one, and waits until it takes connections.</summary>
    /// <param name="farm">Whose.</param>
    /// <param name="server">Where the server serves.</param>
    /// <param name="authority">Has its certificate.</param>
    /// <returns>Where it is, without a slash at its end.</returns>
    public static async Task<string> StartAsync(TestFarm farm, Uri server, TestAuthority authority)
    {
        var directory = $"{farm.Directory}/proxy";
        Directory.CreateDirectory(directory);
        var port = FreePort();
        var site = Replace(
            Site(),
            ("listen 443 ssl", $"listen 127.0.0.1:{port} ssl"),
            ("http://127.0.0.1:8160", server.AbsoluteUri.TrimEnd('/')),
            ("/etc/pkgforge/tls/cert.pem", authority.Certificate),
            ("/etc/pkgforge/tls/key.pem", authority.Key)
        );
        await File.WriteAllTextAsync(
            $"{directory}/nginx.conf",
            $$"""
            daemon off;
            pid {{directory}}/pid;
            error_log stderr notice;
            events {}
            http {
                access_log off;
                client_body_temp_path {{directory}}/body;
                proxy_temp_path {{directory}}/proxied;
                fastcgi_temp_path {{directory}}/fastcgi;
                uwsgi_temp_path {{directory}}/uwsgi;
                scgi_temp_path {{directory}}/scgi;
            {{site}}
            }
            """
        );
        await farm.GiveAsync(directory);
        var nginx = farm.Run(
            FarmProcess.Start(
                Executable.AsUser(["nginx", "-p", directory, "-e", "stderr", "-c", $"{directory}/nginx.conf"])
            )
        );
        await nginx.SaysAsync("start worker process ");
        return $"https://127.0.0.1:{port}";
    }

    /// <summary>The site that the guide shows.</summary>
    private static string Site()
    {
        var match = Block().Match(File.ReadAllText($"{Cache.Checkout}/{Guide}"));
        match.Success.Should().BeTrue("{0} shows a site of nginx", Guide);
        return match.Groups["site"].Value;
    }

    private static string Replace(string text, params IEnumerable<(string Old, string New)> words)
    {
        foreach (var (old, replaced) in words)
        {
            text.Should().Contain(old);
            text = text.Replace(old, replaced, StringComparison.Ordinal);
        }
        return text;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"^```nginx\n(?<site>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
