namespace PkgForge.Web.SignIn;

/// <summary>Logging in by a ticket of Kerberos (RFC 4559).</summary>
public sealed record KerberosOptions
{
    /// <summary>The file with the keys of the service <c>HTTP/HOST</c>.</summary>
    public required string Keytab { get; init; }

    /// <summary>Principals of these realms have accounts: <c>anna@EXAMPLE.ORG</c> is <c>anna</c>.</summary>
    public required IReadOnlyList<string> Realms { get; init; }
}
