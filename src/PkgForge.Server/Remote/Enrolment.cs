using System.Net;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Server.Remote;

/// <summary>Makes a machine known to a farm's server as one of its builders, by a one-time code.</summary>
/// <param name="server">The server's address.</param>
/// <param name="tokens">Where the token is kept.</param>
/// <param name="time">The clock of this machine.</param>
public sealed class Enrolment(Uri server, TokenFiles tokens, TimeProvider time)
{
    /// <summary>
    /// Uses a code up. A code that this machine has used before is not used again: its builder's token is there.
    /// </summary>
    /// <param name="code">From <c>pkgforge builder enrol</c>.</param>
    /// <param name="isName">The rule for a builder's name, which becomes the name of a file.</param>
    /// <param name="cancel">Gives up. The same code may be tried again.</param>
    /// <returns>The builder's name.</returns>
    /// <exception cref="BuilderRefusedException">The code is unknown, used up or expired.</exception>
    /// <exception cref="FarmUnavailableException">The server cannot be reached.</exception>
    public async Task<string> EnrolAsync(string code, Func<string, bool> isName, CancellationToken cancel)
    {
        if (tokens.EnrolledBy(code) is { } before)
            return before;
        var token = tokens.Pending(code);
        using var connection = new ServerConnection(server, token: null, time);
        var request = new EnrolRequest(code, Dns.GetHostName(), BuilderToken.Sha256Of(token));
        var answer = await connection.AskAsync(
            "enrol",
            (request, WireJson.Default.EnrolRequest),
            WireJson.Default.EnrolAnswer,
            cancel
        );
        if (!isName(answer.Builder))
            throw new FarmFaultException($"{server} names a builder that cannot be");
        tokens.Settle(code, answer.Builder);
        return answer.Builder;
    }
}
