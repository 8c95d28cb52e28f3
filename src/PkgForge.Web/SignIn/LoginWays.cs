namespace PkgForge.Web.SignIn;

/// <summary>The ways to log in beside a token.</summary>
/// <param name="Provider">What the provider of identities is called; null where there is none.</param>
/// <param name="Kerberos">By a ticket of Kerberos.</param>
public sealed record LoginWays(string? Provider, bool Kerberos);
