using PkgForge.Registry;

namespace PkgForge.Server.Configuration;

/// <summary>How <c>pkgforge serve</c> serves, and what it runs beside.</summary>
public sealed record ServeOptions
{
    /// <summary>Addresses to listen at. Default: port 8160 of this machine only.</summary>
    public IReadOnlyList<string> Listen { get; init; } = ["http://127.0.0.1:8160"];

    /// <summary>PEM file of the certificate and its chain; null without TLS.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of its key; null when it is in the certificate's file.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>Serve other machines without TLS.</summary>
    public bool Insecure { get; init; }

    /// <summary>Proxies in front that are believed whom a request comes from: addresses, networks, or <c>unix</c>.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>Those without an account may look at everything.</summary>
    public bool Anonymous { get; init; }

    /// <summary>How many requests one account may make in a minute, of pages and of the API.</summary>
    public int RequestsPerMinute { get; init; } = 6000;

    /// <summary>How many of them may change something.</summary>
    public int ChangesPerMinute { get; init; } = 1200;

    /// <summary>How many connections that stay open (events, logs that are followed) one account may have.</summary>
    public int OpenConnections { get; init; } = 256;

    /// <summary>The address by which other machines reach the server; null to work it out.</summary>
    public string? Url { get; init; }

    /// <summary>A provider of identities at which people log in; null for none.</summary>
    public OidcSettings? Oidc { get; init; }

    /// <summary>Kerberos, by which people log in; null without.</summary>
    public KerberosSettings? Kerberos { get; init; }

    /// <summary>Run incoming in the same process.</summary>
    public bool Incoming { get; init; }

    /// <summary>Builders to run in the same process.</summary>
    public IReadOnlyList<string> Builders { get; init; } = [];
}

/// <summary>A provider of identities (OpenID Connect), and what its word is worth.</summary>
public sealed record OidcSettings
{
    /// <summary>Its address, as its tokens name it.</summary>
    public required string Issuer { get; init; }

    /// <summary>What it knows the farm by.</summary>
    public required string ClientId { get; init; }

    /// <summary>The file with what the farm proves that with; null for a public client.</summary>
    public string? ClientSecretFile { get; init; }

    /// <summary>What people call it; null for its host.</summary>
    public string? Name { get; init; }

    /// <summary>The claim that is the account's name at the first log-in.</summary>
    public string AccountClaim { get; init; } = "preferred_username";

    /// <summary>What is asked for beside <c>openid</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ["profile"];

    /// <summary>The claim that lists groups.</summary>
    public string GroupsClaim { get; init; } = "groups";

    /// <summary>The roles of groups; empty when roles are the farm's own business.</summary>
    public IReadOnlyDictionary<string, AccountRole> Roles { get; init; } = new Dictionary<string, AccountRole>();

    /// <summary>The role of accounts that are made at the first log-in; null when they must be there.</summary>
    public AccountRole? NewAccounts { get; init; }
}

/// <summary>Logging in by Kerberos.</summary>
public sealed record KerberosSettings
{
    /// <summary>The file with the keys of <c>HTTP/HOST</c>.</summary>
    public required string Keytab { get; init; }

    /// <summary>Whose principals have accounts.</summary>
    public required IReadOnlyList<string> Realms { get; init; }
}
