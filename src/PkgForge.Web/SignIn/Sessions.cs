using Microsoft.AspNetCore.Http;
using PkgForge.Registry;
using PkgForge.Web.Access;

namespace PkgForge.Web.SignIn;

/// <summary>Begins the sessions of browsers, however their owners have proved who they are.</summary>
internal sealed class Sessions(IRegistry registry)
{
    /// <summary>A session ends with the working day.</summary>
    private static readonly TimeSpan Valid = TimeSpan.FromHours(12);

    /// <summary>What the registry knows the browser's session by; null when it brought none.</summary>
    public static string? Current(HttpContext http) =>
        SessionCookie.Read(http) is { } session && Secret.IsSession(session) ? Secret.Sha256Of(session) : null;

    /// <summary>Begins a session, and ends the one that the browser had before: nobody goes on in what somebody else has left.</summary>
    /// <param name="http">The browser's request.</param>
    /// <param name="account">Who has proved it.</param>
    /// <param name="writes">Whether the session may change something.</param>
    /// <param name="way">How it was proved.</param>
    /// <param name="former">The session that ends; null for none.</param>
    /// <returns>False when there is no such account (any more).</returns>
    public async Task<bool> BeginAsync(HttpContext http, string account, bool writes, string way, string? former)
    {
        if (former is not null)
            await registry.EndCredentialAsync(former, http.RequestAborted);
        var session = Secret.NewSession();
        await registry.AddAuditAsync(account, "log in", way, http.RequestAborted);
        if (
            !await registry.AddCredentialAsync(
                account,
                new(Secret.Sha256Of(session), Session: true, "browser", writes, Valid),
                http.RequestAborted
            )
        )
            return false;
        SessionCookie.Write(http, session, Valid);
        return true;
    }
}
