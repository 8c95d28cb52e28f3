using System.Net.Security;
using System.Runtime.InteropServices;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.SignIn;

/// <summary>What became of a ticket.</summary>
/// <param name="Account">Whose it is; null when it is not accepted.</param>
/// <param name="Reply">What proves the server to the client; null for nothing.</param>
/// <param name="Fault">Why it is not accepted.</param>
internal sealed record TicketAnswer(string? Account, string? Reply, string? Fault);

/// <summary>Accepts tickets, by the keys of the service and the library of Kerberos (MIT's <c>libgssapi_krb5.so.2</c>), which the framework loads.</summary>
internal sealed class KerberosTickets
{
    private const string Library = "libgssapi_krb5.so.2";
    private const string KeytabVariable = "KRB5_KTNAME";

    private readonly HashSet<string> realms;

    /// <exception cref="WebOptionsException">The library or the keys are not there.</exception>
    public KerberosTickets(KerberosOptions options)
    {
        if (!NativeLibrary.TryLoad(Library, out _))
            throw new WebOptionsException(
                $"section 'kerberos:' needs {Library}: install libgssapi-krb5-2 (Debian) or krb5-libs (Fedora)"
            );
        try
        {
            File.OpenRead(options.Keytab).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WebOptionsException(
                $"the keytab {options.Keytab} cannot be read: {e.Message} Expected keys of HTTP/HOST, readable by the user that the server runs as and by nobody else",
                e
            );
        }
        realms = new(options.Realms, StringComparer.Ordinal);
        ProcessEnvironment.Set(KeytabVariable, $"FILE:{options.Keytab}");
    }

    /// <summary>Accepts a ticket, or says why not.</summary>
    /// <param name="ticket">In base64, as the header <c>Authorization</c> brings it.</param>
    public TicketAnswer Accept(string ticket)
    {
        var bytes = new byte[ticket.Length];
        if (!Convert.TryFromBase64String(ticket, bytes, out var length))
            return new(null, null, "what came is no ticket: expected base64");
        using var negotiation = new NegotiateAuthentication(
            new NegotiateAuthenticationServerOptions { Package = "Negotiate" }
        );
        var reply = negotiation.GetOutgoingBlob(bytes.AsSpan(0, length), out var status);
        if (status == NegotiateAuthenticationStatusCode.ContinueNeeded)
            return new(null, null, "this ticket needs more than one message: get one by 'kinit', and try again");
        if (status != NegotiateAuthenticationStatusCode.Completed)
            return new(null, null, FaultOf(status));
        // The negotiation may have chosen NTLM, which proves nothing here.
        if (negotiation.Package != "Kerberos")
            return new(null, null, $"{negotiation.Package} is no Kerberos");
        return AccountOf(
            negotiation.RemoteIdentity.Name ?? "",
            reply is { Length: > 0 } ? Convert.ToBase64String(reply) : null
        );
    }

    private TicketAnswer AccountOf(string principal, string? reply)
    {
        if (principal.Split('@') is not [var name, var realm])
            return new(null, null, "this principal is of no realm");
        if (!realms.Contains(realm))
            return new(null, null, $"the realm of '{principal}' is none that this farm knows");
        // Of those of services, anna/admin and the like, none is a person's account.
        return JobRules.Submitter(name) is null
            ? new(name, reply, null)
            : new(null, null, $"'{principal}' is no person's principal that can have an account");
    }

    private static string FaultOf(NegotiateAuthenticationStatusCode status) =>
        status switch
        {
            NegotiateAuthenticationStatusCode.CredentialsExpired or NegotiateAuthenticationStatusCode.ContextExpired =>
                "this ticket has expired: get one by 'kinit'",
            NegotiateAuthenticationStatusCode.UnknownCredentials =>
                "the server has no key for the service that this ticket is for, or a clock is wrong",
            _ => $"this ticket was not accepted ({status}): is it of the right realm, and are the clocks right?",
        };
}
