using System.Net;
using PkgForge.Web.SignIn;

namespace PkgForge.Web.Hosting;

/// <summary>Where the server listens.</summary>
public sealed record WebOptions
{
    /// <summary>
    /// <c>http://ADDRESS:PORT</c>, <c>https://ADDRESS:PORT</c> or <c>unix:/PATH</c>. An address is an IP address, <c>localhost</c>, or
    /// <c>*</c> for all of the machine; port 0 means one that is free.
    /// </summary>
    public required IReadOnlyList<string> Listen { get; init; }

    /// <summary>PEM file of the certificate, followed by those between it and a root that clients trust. Read again when it changes.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of its key; null when the key is in the certificate's file.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>Whether other machines may be served without TLS: tokens and packages can then be read and changed on the way.</summary>
    public bool Insecure { get; init; }

    /// <summary>Proxies that are believed whom a request comes from: addresses, networks, or <c>unix</c> for those who come by a socket.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>Whether those without an account may look at everything: jobs, logs, products.</summary>
    public bool AnonymousLooks { get; init; }

    /// <summary>A provider of identities at which people log in; null for none.</summary>
    public OidcOptions? Oidc { get; init; }

    /// <summary>Kerberos, by which people log in; null without.</summary>
    public KerberosOptions? Kerberos { get; init; }

    /// <summary>How many requests one account may make in a minute, of pages and of the API.</summary>
    public int RequestsPerMinute { get; init; } = 6000;

    /// <summary>How many of them may change something.</summary>
    public int ChangesPerMinute { get; init; } = 1200;

    /// <summary>How many connections that stay open (events, logs that are followed) one account may have.</summary>
    public int OpenConnections { get; init; } = 256;

    /// <summary>The places to listen at.</summary>
    /// <exception cref="WebOptionsException">One of them is not well formed, or not safe.</exception>
    internal IReadOnlyList<ListenAddress> Addresses() =>
        [.. Listen.Select(text => Check(text, ListenAddress.Parse(text)))];

    private ListenAddress Check(string text, ListenAddress address)
    {
        if (address.Tls && Certificate is null)
            throw new WebOptionsException(
                $"'{text}' needs a certificate: name its PEM file by 'certificate:' in section 'serve:' of the configuration"
            );
        if (!address.Tls && !address.IsLocal && !Insecure)
            throw new WebOptionsException(
                $"'{text}' would serve other machines without TLS, so that tokens could be read on the way: use https:// with 'certificate:' "
                    + "and 'certificate_key:', listen at 127.0.0.1 behind a proxy that does TLS, or say 'insecure: true' in section 'serve:'"
            );
        return address;
    }
}

/// <summary>The server cannot be set up as it was asked to; the message says what to change.</summary>
public sealed class WebOptionsException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>One place to listen at: a socket's path, or an address and a port. No address means all of the machine.</summary>
internal sealed record ListenAddress(string? Path, IPAddress? Address, int Port, bool Tls)
{
    private const string Expected = "expected http://ADDRESS:PORT, https://ADDRESS:PORT or unix:/PATH";

    public bool IsLocal => Path is not null || Address is not null && IPAddress.IsLoopback(Address);

    public static ListenAddress Parse(string text)
    {
        if (text.StartsWith("unix:/", StringComparison.Ordinal))
            return new(text["unix:".Length..], null, 0, false);
        // A host that is '*' is no URL's.
        var all = text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal);
        if (
            !Uri.TryCreate(all, UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https")
            || url.PathAndQuery != "/"
            || url.UserInfo.Length > 0
        )
            throw new WebOptionsException($"'{text}' is no address to listen at: {Expected}");
        return new(null, AddressOf(url, text), url.Port, url.Scheme == "https");
    }

    private static IPAddress? AddressOf(Uri url, string text)
    {
        if (text.Contains("://*", StringComparison.Ordinal))
            return null;
        if (url.Host == "localhost")
            return IPAddress.Loopback;
        return IPAddress.TryParse(url.Host.Trim('[', ']'), out var address)
            ? address
            : throw new WebOptionsException(
                $"'{text}' names the host '{url.Host}': name an IP address of this machine, localhost, or * for all; {Expected}"
            );
    }
}
