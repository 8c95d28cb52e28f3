using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>A server with a certificate, and connections to it that break.</summary>
public sealed class TlsTests : FarmTests
{
    private const string Anywhere = "https://127.0.0.1:0";

    /// <summary>A dummy source is small: many make a job of some MB, and products of as much.</summary>
    private const int Sources = 40;

    private const int Padding = 30_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_that_break_cost_no_attempt(bool quietly)
    {
        var authority = Keep(new TestAuthority());
        var farm = await MakeFarmAsync(Settings(authority));
        var (server, url) = await OtherMachine.ServeAsync(farm, Anywhere);
        var proxy = Keep(new CuttingProxy(new(url)) { Slowness = TimeSpan.FromMilliseconds(2), EndsQuietly = quietly });
        var machine = await OtherMachine.MakeAsync(farm, "other", trusted: authority.Itself);
        var builder = await machine.EnrolAsync(proxy.Address.AbsoluteUri, "r1", "dummy", "all");
        proxy.Arm(Way.ToBuilder, 300_000, 5);
        await farm.SubmitAsync("large", [.. Enumerable.Range(1, Sources).Select(i => Large(farm, i))]);
        await builder.SaysAsync("building large");
        await farm.UntilAsync("large", _ => proxy.Cuts == 5);
        proxy.Arm(Way.ToServer, 200_000, 5);

        var job = await farm.FinalAsync("large");

        job.State.Should().Be("successful");
        job.Task.Attempts.Should().ContainSingle();
        proxy.Cuts.Should().Be(10);
        farm.Files("spool/results/large/dummy-all/1/products").Should().HaveCount(Sources);
        await builder.StopAsync();
        await server.StopAsync();
    }

    [Fact]
    public async Task A_certificate_that_was_renewed_is_used_without_a_restart()
    {
        var authority = Keep(new TestAuthority());
        var farm = await MakeFarmAsync(Settings(authority));
        var (server, url) = await OtherMachine.ServeAsync(farm, Anywhere);
        (await SerialAsync(url, authority)).Should().Be(authority.Serial);
        var before = authority.Serial;

        authority.Renew();

        (await SerialAsync(url, authority)).Should().Be(authority.Serial).And.NotBe(before);
        await server.StopAsync();
    }

    [Fact]
    public async Task Who_does_not_trust_the_server_does_not_build_for_it()
    {
        var authority = Keep(new TestAuthority());
        var farm = await MakeFarmAsync(Settings(authority));
        var (server, url) = await OtherMachine.ServeAsync(farm, Anywhere);
        var machine = await OtherMachine.MakeAsync(farm, "other");

        var result = await machine.Start("buildd", "--server", url, "--enrol", "some-code").EndAsync();

        result.ExitCode.Should().Be(4);
        result.Error.Should().Contain("certificate");
        await server.StopAsync();
    }

    private static FarmSettings Settings(TestAuthority authority) =>
        new() { More = $"serve: {{ certificate: {authority.Certificate}, certificate_key: {authority.Key} }}" };

    private static string Large(TestFarm farm, int number) =>
        farm.Script(
            $"a{number}",
            $"# {new string('x', Padding)}",
            $"product a{number}.txt {new string('y', Padding)}",
            "sleep 0.05"
        );

    /// <summary>Of the certificate that a new connection gets, which the authority has signed.</summary>
    private static async Task<string> SerialAsync(string url, TestAuthority authority)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", new Uri(url).Port);
        await using var tls = new SslStream(client.GetStream());
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(authority.Itself);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                CertificateChainPolicy = policy,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            }
        );
        tls.NegotiatedApplicationProtocol.Should().Be(SslApplicationProtocol.Http2);
        return ((X509Certificate2)tls.RemoteCertificate!).SerialNumber;
    }
}
