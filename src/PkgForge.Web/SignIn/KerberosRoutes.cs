using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.SignIn;

/// <summary>
/// Logging in by a ticket of Kerberos (RFC 4559): a browser gets a session, a command a token. The ticket is shown once; afterwards nobody brings it with each request. There is no channel binding
/// (RFC 5929): a proxy in front would break it. So tickets are taken over TLS, or from this machine, only.
/// </summary>
internal sealed class KerberosRoutes(ServedFarm farm, AccessGate gate, KerberosTickets tickets, ILogger log)
{
    private const string Scheme = "Negotiate";

    private readonly Sessions sessions = new(farm.Registry);

    public void Map(IEndpointRouteBuilder routes, IEndpointRouteBuilder api)
    {
        routes.MapGet("/login/kerberos", (RequestDelegate)(http => RunAsync(http, EnterAsync))).For(Rule.Open);
        api.MapPost("/login/kerberos", (RequestDelegate)(http => RunAsync(http, GiveAsync)))
            .For(Rule.Open)
            .Described(LoginOperations.Kerberos);
    }

    private async Task RunAsync(HttpContext http, Func<HttpContext, string, Task<IResult?>> enter)
    {
        var (account, problem) = Read(http);
        var answer =
            account is null ? problem!
            : await enter(http, account) is { } entered ? entered
            : Refuse(
                http,
                StatusCodes.Status403Forbidden,
                $"there is no account '{account}': an admin can make one ('pkgforge account add {account}')"
            );
        await PageAnswers.SendAsync(http, answer);
    }

    private (string? Account, IResult? Problem) Read(HttpContext http)
    {
        if (!http.Request.IsHttps && http.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address))
            return (
                null,
                Refuse(
                    http,
                    StatusCodes.Status403Forbidden,
                    "tickets are taken over TLS only: everybody on the way could use one"
                )
            );
        var header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith($"{Scheme} ", StringComparison.OrdinalIgnoreCase))
            return (null, Ask(http));
        // An image or a frame on another page does not log anybody in.
        if (http.Request.Headers["Sec-Fetch-Mode"].ToString() is { Length: > 0 } and not "navigate")
            return (null, Answers.Forbidden("this is for people who go to /login, and for commands"));
        if (!gate.MayGuess(http, wrong: false))
            return (null, Answers.TooManyRequests(http, "too many tickets that were not accepted have come from here"));
        var ticket = tickets.Accept(header[(Scheme.Length + 1)..].Trim());
        if (ticket.Account is null)
        {
            gate.MayGuess(http, wrong: true);
            return (null, Refuse(http, StatusCodes.Status403Forbidden, ticket.Fault!));
        }
        if (ticket.Reply is { } reply)
            http.Response.Headers.WWWAuthenticate = $"{Scheme} {reply}";
        return (ticket.Account, null);
    }

    private static IResult Ask(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = Scheme;
        return Answers.Problem(
            StatusCodes.Status401Unauthorized,
            ProblemTypes.Token,
            "not logged in",
            "no ticket of Kerberos came: get one by 'kinit', and let your browser use it here (it has a setting for that), or log in at /login with a token"
        );
    }

    private IResult Refuse(HttpContext http, int status, string detail)
    {
        log.LoginRefused(AccessGate.AddressOf(http), detail);
        return Answers.Problem(status, ProblemTypes.Token, "not logged in", detail);
    }

    private async Task<IResult?> EnterAsync(HttpContext http, string account) =>
        await sessions.BeginAsync(http, account, writes: true, "Kerberos", Sessions.Current(http))
            ? new SeeOther(LocalPath.Of(http.Request.Query["to"].ToString()))
            : null;

    private async Task<IResult?> GiveAsync(HttpContext http, string account)
    {
        var (request, problem) = await RequestBody.ReadAsync(http, RequestJson.Default.HostRequest);
        if (request is null)
            return problem;
        if (HostName.Fault(request.Host) is { } fault)
            return Answers.BadRequest(fault);
        await farm.Registry.AddAuditAsync(account, "log in", $"Kerberos, on {request.Host}", http.RequestAborted);
        var token = await LoginApi.NewTokenAsync(farm, account, request.Host, writes: true, http.RequestAborted);
        return token is null ? null : Answers.Json(new ClaimAnswer(token), ApiJson.Default.ClaimAnswer);
    }
}
