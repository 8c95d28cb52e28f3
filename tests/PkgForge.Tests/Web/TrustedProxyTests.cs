using System.Net;
using System.Net.Sockets;
using AwesomeAssertions;
using PkgForge.Tests.Contracts;
using PkgForge.Web.Hosting;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>Whose word counts about where a request comes from. With a real proxy: <c>ProxyTests</c>, end to end.</summary>
public sealed class TrustedProxyTests : IAsyncLifetime
{
    private const string Header = "X-Forwarded-For";

    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Socket => $"{site.Root}/web.sock";

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task Who_comes_by_the_socket_is_believed_for_one_step_and_nobody_else_is()
    {
        await TrustAsync("unix");
        using var socket = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancel) =>
                {
                    var one = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await one.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancel);
                    return new NetworkStream(one, ownsSocket: true);
                },
            }
        )
        {
            BaseAddress = server.Address,
        };
        using var near = new HttpClient { BaseAddress = server.Address };

        File.GetUnixFileMode(Socket).Should().Be((UnixFileMode)0b110_110_000, "the proxy is in the server's group");
        (await LeftAsync(socket, "192.0.2.9, 192.0.2.1")).Should().Be(1, "the proxy says that it is 192.0.2.1");
        (await LeftAsync(socket, "192.0.2.8, 192.0.2.1")).Should().Be(0, "what that one says of itself does not count");
        (await LeftAsync(socket, "192.0.2.2")).Should().Be(1);
        (await LeftAsync(near, "192.0.2.3")).Should().Be(1);
        (await LeftAsync(near, "192.0.2.4")).Should().Be(0, "it is this machine, whatever it says");
    }

    [Fact]
    public async Task Without_a_word_nobody_is_believed()
    {
        await TrustAsync();
        using var near = new HttpClient { BaseAddress = server.Address };

        (await LeftAsync(near, "192.0.2.1")).Should().Be(1);
        (await LeftAsync(near, "192.0.2.2")).Should().Be(0);
    }

    [Theory]
    [InlineData("proxy.example.org")]
    [InlineData("192.0.2.0/33")]
    [InlineData("")]
    public async Task What_is_no_address_stops_the_server(string proxy) =>
        await FluentActions
            .Awaiting(() => TrustAsync(proxy))
            .Should()
            .ThrowAsync<WebOptionsException>()
            .WithMessage($"'{proxy}' is no proxy that can be trusted*trusted_proxies*");

    private Task TrustAsync(params string[] proxies) =>
        server.RestartAsync(options =>
            options with
            {
                Listen = [.. options.Listen, $"unix:{Socket}"],
                TrustedProxies = proxies,
                AnonymousLooks = true,
                RequestsPerMinute = 2,
            }
        );

    /// <summary>How many requests the caller may make after this one.</summary>
    private static async Task<int> LeftAsync(HttpClient client, string forwarded)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/jobs");
        request.Headers.Add(Header, forwarded);
        using var answer = await client.SendAsync(request, Cancel);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        return int.Parse(
            answer.Headers.GetValues("RateLimit").Single().Split("r=")[1],
            System.Globalization.CultureInfo.InvariantCulture
        );
    }
}
