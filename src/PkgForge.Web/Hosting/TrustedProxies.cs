using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace PkgForge.Web.Hosting;

/// <summary>
/// Proxies whose word counts: who a request comes from (<c>X-Forwarded-For</c>), and whether it came to them over TLS (<c>X-Forwarded-Proto</c>). From
/// everybody else these headers mean nothing: they would be a way round the limits by address.
/// </summary>
internal static class TrustedProxies
{
    /// <summary>Stands for whoever comes by a socket of this machine (<c>listen: unix:/PATH</c>).</summary>
    private const string Socket = "unix";

    /// <summary>Believes those who are trusted. To be added before what asks for the caller's address.</summary>
    /// <exception cref="WebOptionsException">One of them is no address.</exception>
    public static void Use(IApplicationBuilder app, IReadOnlyList<string> trusted)
    {
        if (trusted.Count == 0)
            return;
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            // As many as are trusted: the first that is not, is the caller.
            ForwardLimit = null,
        };
        // By itself it trusts this machine; and everybody, where nobody is named. This is the address of nobody.
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        options.KnownProxies.Add(IPAddress.None);
        foreach (var proxy in trusted.Where(proxy => proxy != Socket))
            options.KnownIPNetworks.Add(Parse(proxy));
        var bySocket = trusted.Contains(Socket, StringComparer.Ordinal);
        app.UseWhen(
            http => http.Connection.RemoteIpAddress is not null || bySocket,
            branch => branch.UseForwardedHeaders(options)
        );
    }

    private static IPNetwork Parse(string text) =>
        IPAddress.TryParse(text, out var address) ? new(address, address.GetAddressBytes().Length * 8)
        : IPNetwork.TryParse(text, out var network) ? network
        : throw new WebOptionsException(
            $"'{text}' is no proxy that can be trusted: name its address (192.0.2.1), a network (192.0.2.0/24), or '{Socket}' for those who come by a "
                + "socket, by 'trusted_proxies:' in section 'serve:' of the configuration"
        );
}
