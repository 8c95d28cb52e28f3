using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PkgForge.Native;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Builders;
using PkgForge.Web.Pages;
using PkgForge.Web.SignIn;

namespace PkgForge.Web.Hosting;

/// <summary>The HTTP server of a farm.</summary>
public sealed class WebServer : IAsyncDisposable
{
    /// <summary>How long requests that run may take to end when the server stops. Held ones end at once.</summary>
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);

    private const int MostOfHeaders = 16 << 10;

    /// <summary>Who is in the server's group may come by a socket: the proxy is made a member.</summary>
    private const UnixFileMode SocketMode = (UnixFileMode)0b110_110_000;

    /// <summary>A ticket of a large directory lists all groups of a person.</summary>
    private const int MostOfTicket = 64 << 10;

    private readonly WebApplication app;
    private readonly BuilderApi builders;
    private readonly Site site;
    private readonly AccessGate gate;
    private readonly Entrance entrance;

    private WebServer(WebApplication app, BuilderApi builders, Site site, AccessGate gate, Entrance entrance) =>
        (this.app, this.builders, this.site, this.gate, this.entrance) = (app, builders, site, gate, entrance);

    /// <summary>Where it listens, with the ports that it was given.</summary>
    public IReadOnlyList<string> Addresses =>
        [.. ((IApplicationBuilder)app).ServerFeatures.GetRequiredFeature<IServerAddressesFeature>().Addresses];

    /// <summary>All routes: method and pattern, and the rule that stands before them.</summary>
    internal IReadOnlyList<(string Name, string Rule)> Routes =>
        [
            .. from source in ((IEndpointRouteBuilder)app).DataSources
            from endpoint in source.Endpoints.OfType<RouteEndpoint>()
            from method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
            select (
                $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}",
                endpoint.Metadata.GetMetadata<RuleOf>()?.Rule.ToString() ?? "none"
            ),
        ];

    /// <summary>The routes of the API for people, and what its document says of them.</summary>
    internal IReadOnlyList<ApiRoute> ApiRoutes =>
        ApiRoute.Of(((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints));

    /// <summary>Starts a server. It takes requests when this returns.</summary>
    /// <param name="options">Where it listens.</param>
    /// <param name="farm">What it serves.</param>
    /// <param name="loggers">Take its messages.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="WebOptionsException">The options are not well formed, or not safe.</exception>
    /// <exception cref="IOException">An address is in use.</exception>
    public static async Task<WebServer> StartAsync(
        WebOptions options,
        ServedFarm farm,
        ILoggerFactory loggers,
        CancellationToken cancel
    )
    {
        var addresses = options.Addresses();
        var certificate = addresses.Any(address => address.Tls)
            ? new CertificateFile(options.Certificate!, options.CertificateKey)
            : null;
        // The empty builder reads no file and no variable: what the server does is in pkgforge.yml, and nowhere else.
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = "/" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, options, addresses, certificate));
        // No handler blocks its thread until more arrives: what has arrived is worked on where it was read, without a thread in between to be woken.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTime);
        BuilderApi.AddServices(builder.Services);
        return await StartAsync(builder.Build(), farm, options, loggers.CreateLogger("pkgforge.web"), cancel);
    }

    /// <summary>Takes no more requests, and ends those that run.</summary>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await builders.DisposeAsync();
        await site.DisposeAsync();
        await entrance.DisposeAsync();
        await gate.DisposeAsync();
        await app.DisposeAsync();
    }

    private static async Task<WebServer> StartAsync(
        WebApplication host,
        ServedFarm farm,
        WebOptions options,
        ILogger log,
        CancellationToken cancel
    )
    {
        var stopping = host.Lifetime.ApplicationStopping;
        var api = new BuilderApi(farm, log, stopping);
        var access = new AccessGate(
            farm.Registry,
            options.AnonymousLooks,
            new(options.RequestsPerMinute, options.ChangesPerMinute)
        );
        var pages = new Site(farm, options.OpenConnections, stopping);
        var ways = new Entrance(farm, access, options, log);
        TrustedProxies.Use(host, options.TrustedProxies);
        host.Use(SafeHeaders.Add);
        host.Use(Guard.Around(log));
        host.UseRouting();
        host.UseRateLimiter();
        host.Use(access.Before());
        api.Map(host);
        pages.Map(host);
        ways.Map(host);
        await api.StartAsync(cancel);
        await host.StartAsync(cancel);
        foreach (var address in options.Addresses())
            if (address.Path is { } socket)
                File.SetUnixFileMode(socket, SocketMode);
        return new(host, api, pages, access, ways);
    }

    private static void Limit(
        KestrelServerOptions kestrel,
        WebOptions options,
        IReadOnlyList<ListenAddress> addresses,
        CertificateFile? certificate
    )
    {
        kestrel.AddServerHeader = false;
        // The most for any request; each says how much it takes itself.
        kestrel.Limits.MaxRequestBodySize = RequestBody.MostOfAny;
        kestrel.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
        kestrel.Limits.MinResponseDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
        kestrel.Limits.MaxRequestHeadersTotalSize = MostOfHeaders;
        if (options.Kerberos is not null)
        {
            kestrel.Limits.MaxRequestHeadersTotalSize = MostOfTicket;
            kestrel.Limits.Http2.MaxRequestHeaderFieldSize = MostOfTicket;
        }
        // A connection that nobody hears from is given up, and what it holds with it.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(15);
        foreach (var address in addresses)
            Listen(kestrel, address, certificate);
    }

    private static void Listen(KestrelServerOptions kestrel, ListenAddress address, CertificateFile? certificate)
    {
        if (address.Path is { } path)
        {
            RemoveSocket(path);
            kestrel.ListenUnixSocket(path);
            return;
        }
        Action<ListenOptions> tls = listen =>
        {
            if (address.Tls)
                listen.UseHttps(
                    new TlsHandshakeCallbackOptions
                    {
                        OnConnection = _ =>
                            new(
                                new SslServerAuthenticationOptions { ServerCertificateContext = certificate!.Current() }
                            ),
                    }
                );
        };
        if (address.Address is { } ip)
            kestrel.Listen(new IPEndPoint(ip, address.Port), tls);
        else
            kestrel.ListenAnyIP(address.Port, tls);
    }

    /// <summary>The socket of a server that was killed is in the way of the next.</summary>
    private static void RemoveSocket(string path)
    {
        if (FileSystem.LinkStatus(path) is not { } there)
            return;
        if (there.Kind != FileKind.Other)
            throw new WebOptionsException(
                $"cannot listen at unix:{path}: something that is no socket is there; move it away"
            );
        File.Delete(path);
    }

    /// <summary>The process has its own way to hear signals.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
