using System.Net.Http.Headers;
using Microsoft.Extensions.Logging.Abstractions;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Server.Builders;
using PkgForge.Server.Handlers;
using PkgForge.Server.Publishing;
using PkgForge.Server.Remote;
using PkgForge.Tests.Contracts;
using PkgForge.Web.Api;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Tests.Web;

/// <summary>A real server on a port of loopback that serves a farm under test.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private const string Anywhere = "http://127.0.0.1:0";

    private readonly FarmUnderTest site;
    private readonly Func<ServedFarm, ServedFarm> change;
    private Func<WebOptions, WebOptions> options = usual => usual;
    private WebServer? server;
    private LocalFarm? local;

    private ServerUnderTest(FarmUnderTest site, Func<ServedFarm, ServedFarm> change) =>
        (this.site, this.change) = (site, change);

    /// <summary>Where it is, for as long as it is not started again.</summary>
    public Uri Address { get; private set; } = null!;

    /// <param name="site">The farm.</param>
    /// <param name="change">Puts somebody between the server and what it serves.</param>
    public static async Task<ServerUnderTest> StartAsync(
        FarmUnderTest site,
        Func<ServedFarm, ServedFarm>? change = null
    )
    {
        var started = new ServerUnderTest(site, change ?? (farm => farm));
        await started.StartAsync(Anywhere);
        return started;
    }

    /// <summary>Stops, and starts anew at the same address: nothing that was in memory is left.</summary>
    /// <param name="changed">Changes its options.</param>
    public async Task RestartAsync(Func<WebOptions, WebOptions>? changed = null)
    {
        options = changed ?? options;
        await StopAsync();
        await StartAsync(Address.AbsoluteUri);
    }

    /// <summary>All routes: method and pattern, and the rule that stands before them.</summary>
    public IReadOnlyList<(string Name, string Rule)> Routes => server!.Routes;

    /// <summary>All ways to log in: their routes are there, whether or not somebody answers behind them.</summary>
    public WebOptions AllWays(WebOptions options) =>
        options with
        {
            Oidc = new()
            {
                Issuer = "http://127.0.0.1:9",
                ClientId = "farm",
                Site = Address.AbsoluteUri,
                Name = "nobody",
            },
            Kerberos = new()
            {
                Keytab = Path.Combine(AppContext.BaseDirectory, "PkgForge.Tests.dll"),
                Realms = ["EXAMPLE.ORG"],
            },
        };

    /// <summary>The routes of the API for people, and what they say of themselves.</summary>
    public IReadOnlyList<ApiRoute> ApiRoutes => server!.ApiRoutes;

    /// <summary>A token of a builder, as enrolling makes it.</summary>
    public async Task<string> TokenAsync(string builder)
    {
        var (code, token) = (BuilderToken.NewCode(), BuilderToken.New());
        await site.Registry.AddEnrolmentAsync(builder, BuilderToken.Sha256Of(code), TimeSpan.FromHours(1), default);
        await site.Registry.EnrolAsync(BuilderToken.Sha256Of(code), BuilderToken.Sha256Of(token), default);
        return token;
    }

    /// <summary>The farm as a builder on another machine sees it.</summary>
    /// <param name="builder">Whose token it has.</param>
    /// <param name="through">Another way to the server.</param>
    public async Task<IBuilderFarm> RemoteAsync(string builder, Uri? through = null) =>
        Remote(builder, await TokenAsync(builder), through);

    /// <summary>The same with a token that there is.</summary>
    public IBuilderFarm Remote(string builder, string token, Uri? through = null) =>
        new RemoteFarm(
            new(through ?? Address, token, $"{site.Root}/home/{builder}-work", NullLogger.Instance, TimeProvider.System)
        );

    /// <summary>Speaks to the API in plain requests.</summary>
    public HttpClient Client(string? token)
    {
        var client = new HttpClient { BaseAddress = new(Address, "/api/v1/builder/") };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public ValueTask DisposeAsync() => new(StopAsync());

    private async Task StartAsync(string address)
    {
        local = new(site.Farm);
        var farm = new ServedFarm(
            site.Registry,
            local,
            new BuilderFiles(site.Farm),
            site.Farm.Spool,
            [.. site.Farm.Configuration.Buckets.Keys],
            new BucketShelf(site.Farm.Configuration),
            site.Farm.Time
        )
        {
            MaintainersOnly = site.Farm.Configuration.MaintainersOnly,
            Promote = new Promotion(site.Farm).PromoteAsync,
            Withdraw = new Withdrawal(site.Farm).RunAsync,
        };
        server = await WebServer.StartAsync(
            options(new() { Listen = [address] }),
            change(farm),
            NullLoggerFactory.Instance,
            default
        );
        Address = new(server.Addresses[0]);
    }

    private async Task StopAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        if (local is not null)
            await local.DisposeAsync();
        (server, local) = (null, null);
    }
}
