using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Web;

/// <summary>A farm behind a real nginx that is set up as the administrator's guide says.</summary>
public sealed class ProxyTests : FarmTests
{
    private const string Trusting = "serve: { trusted_proxies: [127.0.0.1] }";

    private TestAuthority authority = null!;
    private TestFarm farm = null!;
    private FarmProcess server = null!;
    private string direct = "";
    private string url = "";

    [Fact]
    public async Task All_of_the_farm_works_through_it()
    {
        await StartAsync(Trusting);
        var machine = await OtherMachine.MakeAsync(farm, "other", trusted: authority.Itself);
        var builder = await machine.EnrolAsync(url, "r1", "dummy", "all");
        var anna = await FarPerson.MakeAsync(farm, url);
        anna.Environment["SSL_CERT_FILE"] = authority.Itself;
        var source = $"{anna.Home}/a.dummy";
        File.Copy(farm.Script("a", "print begun", "sleep 4", "print ended", "product a.txt x"), source);

        var watching = anna.Start("submit", "--watch", "-B", "main", "--id", "proxied", source);
        await watching.PrintsAsync("has begun");
        var following = anna.Start("log", "-f", "proxied");
        await following.PrintsAsync("begun");
        following.Output.Should().NotContain("ended", "what a build prints comes through as it is printed");
        (await following.EndAsync()).Output.Should().Contain("ended");
        (await watching.EndAsync()).ExitCode.Should().Be(0);
        await anna.DoAsync("download", "proxied");

        Directory.EnumerateFiles(anna.Home, "a.txt", SearchOption.AllDirectories).Should().ContainSingle();
        await builder.StopAsync();
    }

    [Fact]
    public async Task Sessions_are_as_safe_as_over_tls_of_its_own()
    {
        await StartAsync(Trusting);
        await farm.DoAsync("account", "add", "anna");
        var token = (await farm.DoAsync("account", "token", "anna")).Trim();
        using var client = Client("127.0.0.1");

        using var answer = await client.PostAsync("/login", new FormUrlEncodedContent([new("token", token)]));

        answer
            .Headers.GetValues("Set-Cookie")
            .Should()
            .ContainSingle()
            .Which.Should()
            .StartWith("__Host-")
            .And.Contain("secure");
    }

    [Fact]
    public async Task Limits_by_address_count_whoever_comes_and_not_the_proxy()
    {
        await StartAsync("serve: { trusted_proxies: [127.0.0.1], anonymous: true, requests_per_minute: 3 }");
        using var one = Client("127.0.0.2");
        using var other = Client("127.0.0.3");
        await UseUpAsync(one);

        (await StatusAsync(other)).Should().Be(HttpStatusCode.OK, "another address is another caller");
        one.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.1");
        (await StatusAsync(one))
            .Should()
            .Be(HttpStatusCode.TooManyRequests, "what a caller says of himself is not believed");
    }

    [Fact]
    public async Task Who_is_not_trusted_is_not_believed()
    {
        await StartAsync("serve: { trusted_proxies: [127.0.0.9], anonymous: true, requests_per_minute: 3 }");
        using var one = Client("127.0.0.2");
        using var other = Client("127.0.0.3");
        using var near = new HttpClient { BaseAddress = new(direct) };
        near.DefaultRequestHeaders.Add("X-Forwarded-For", "127.0.0.7");
        await UseUpAsync(one);

        (await StatusAsync(other)).Should().Be(HttpStatusCode.TooManyRequests, "all come from the proxy's address");
        (await StatusAsync(near)).Should().Be(HttpStatusCode.TooManyRequests);
    }

    private static async Task UseUpAsync(HttpClient client)
    {
        for (var i = 0; i < 3; i++)
            (await StatusAsync(client)).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(client)).Should().Be(HttpStatusCode.TooManyRequests);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/api/v1/jobs");
        return answer.StatusCode;
    }

    private async Task StartAsync(string serve)
    {
        authority = Keep(new TestAuthority());
        farm = await MakeFarmAsync(new() { More = serve });
        (server, direct) = await OtherMachine.ServeAsync(farm);
        url = await TestProxy.StartAsync(farm, new(direct), authority);
    }

    /// <summary>A client of the proxy that has an address of loopback of its own.</summary>
    private HttpClient Client(string address)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(authority.Itself);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
            ConnectCallback = async (context, cancel) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new(handler) { BaseAddress = new(url) };
    }
}
