using PkgForge.Registry;

namespace PkgForge.Web.SignIn;

/// <summary>A provider of identities (OpenID Connect Core 1.0), and what its word is worth.</summary>
public sealed record OidcOptions
{
    /// <summary>Its address, as its tokens name it; everything else is found from there.</summary>
    public required string Issuer { get; init; }

    /// <summary>What the provider knows the farm by.</summary>
    public required string ClientId { get; init; }

    /// <summary>What the farm proves that with; null for a public client, which PKCE alone protects.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>The farm's own address, to which the provider sends browsers back.</summary>
    public required string Site { get; init; }

    /// <summary>What people call the provider.</summary>
    public required string Name { get; init; }

    /// <summary>What is asked for beside <c>openid</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ["profile"];

    /// <summary>The claim that is the account's name at the first log-in. Its values must be such as people cannot choose themselves.</summary>
    public string AccountClaim { get; init; } = "preferred_username";

    /// <summary>The claim that lists groups.</summary>
    public string GroupsClaim { get; init; } = "groups";

    /// <summary>The role that members of a group get, at each log-in. Who is in none of them is refused. Empty: roles are the farm's own business.</summary>
    public IReadOnlyDictionary<string, AccountRole> Roles { get; init; } = new Dictionary<string, AccountRole>();

    /// <summary>The role of accounts that are made at the first log-in; null when they must be there.</summary>
    public AccountRole? NewAccounts { get; init; }

    /// <summary>Where browsers come back to.</summary>
    internal string Callback => $"{Site.TrimEnd('/')}/login/oidc/callback";
}
