using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.SignIn;

/// <summary>All ways in: a token, a provider of identities, Kerberos; for browsers and for commands.</summary>
internal sealed class Entrance : IAsyncDisposable
{
    private readonly LoginApi api;
    private readonly LoginPages pages;
    private readonly CommandLoginPages commands;
    private readonly AccountPages accounts;
    private readonly OidcRoutes? oidc;
    private readonly KerberosRoutes? kerberos;

    /// <exception cref="WebOptionsException">Something that a way needs is not there.</exception>
    public Entrance(ServedFarm farm, AccessGate gate, WebOptions options, ILogger log)
    {
        var ways = new LoginWays(options.Oidc?.Name, options.Kerberos is not null);
        var logins = new CommandLogins(farm.Time);
        api = new(farm, gate, logins, ways);
        pages = new(farm, gate, ways);
        commands = new(farm, gate, logins);
        accounts = new(farm);
        oidc = options.Oidc is { } provider ? new(farm.Registry, gate, provider, farm.Time, log) : null;
        kerberos = options.Kerberos is { } service ? new(farm, gate, new KerberosTickets(service), log) : null;
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1");
        api.Map(group);
        pages.Map(routes);
        commands.Map(routes);
        accounts.Map(routes);
        oidc?.Map(routes);
        kerberos?.Map(routes, group);
    }

    public async ValueTask DisposeAsync()
    {
        await api.DisposeAsync();
        oidc?.Dispose();
    }
}
