using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Builders;

/// <summary>
/// <c>POST enrol</c>: a one-time code becomes a token. The machine makes the token and sends its digest only, so that a
/// request repeated after a lost answer comes to the same, and the farm never has the secret.
/// </summary>
internal sealed class EnrolEndpoint(ServedFarm farm, ILogger log)
{
    public async Task RunAsync(HttpContext http) => await (await EnrolAsync(http)).ExecuteAsync(http);

    private async Task<IResult> EnrolAsync(HttpContext http)
    {
        var (request, problem) = await RequestBody.ReadAsync(http, WireJson.Default.EnrolRequest);
        if (request is null)
            return problem!;
        if (!BuilderToken.IsSha256(request.TokenSha256))
            return Answers.BadRequest("'token_sha256' is not a SHA-256: expected 64 lower-case hexadecimal digits");
        if (HostName.Fault(request.Host) is { } fault)
            return Answers.BadRequest(fault);
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "this machine";
        var code = BuilderToken.Sha256Of(request.Code);
        if (
            await farm.Registry.EnrolAsync(code, request.TokenSha256, http.RequestAborted)
            is not { Revoked: false, Expired: false } holder
        )
        {
            log.WrongCode(request.Host, address);
            return Answers.Problem(
                StatusCodes.Status403Forbidden,
                ProblemTypes.Refused,
                "code refused",
                "this code is unknown, used up or expired: on the farm's server 'pkgforge builder enrol NAME' prints a new one"
            );
        }
        log.Enrolled(holder.Builder, request.Host, address);
        return Answers.Json(new EnrolAnswer(holder.Builder, holder.Platform.ToString()), WireJson.Default.EnrolAnswer);
    }
}

/// <summary>The rule for the name of a host, which is written to logs and shown to people.</summary>
internal static class HostName
{
    /// <summary>HOST_NAME_MAX of most systems is 64; a name with its domain has at most 253.</summary>
    private const int Longest = 253;

    public static string? Fault(string host) =>
        host.Length is 0 or > Longest || host.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_'))
            ? "'host' is not the name of a host: expected 1 to 253 letters, digits, '.', '-' and '_'"
            : null;
}
