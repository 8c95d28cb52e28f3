using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.SignIn;

/// <summary>How <c>pkgforge login</c> gets a token: <c>/api/v1/login</c>.</summary>
internal sealed class LoginApi(ServedFarm farm, AccessGate gate, CommandLogins logins, LoginWays ways)
    : IAsyncDisposable
{
    /// <summary>Seconds.</summary>
    private const int Interval = 2;

    private const int MostInMinute = 30;

    /// <summary>A token of a command lives as long as one that is made by hand.</summary>
    private static readonly TimeSpan TokenTime = TimeSpan.FromDays(90);

    private readonly PartitionedRateLimiter<string> begun = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(
            address,
            _ => new() { PermitLimit = MostInMinute, Window = TimeSpan.FromMinutes(1) }
        )
    );

    public void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/login", (RequestDelegate)(http => WaysAsync(http)))
            .For(Rule.Open)
            .Described(LoginOperations.Ways);
        routes.MapApi("POST", "/login/code", Rule.Open, LoginOperations.Begin, BeginAsync);
        routes.MapApi("POST", "/login/code/token", Rule.Open, LoginOperations.Take, TakeAsync);
    }

    public ValueTask DisposeAsync() => begun.DisposeAsync();

    /// <summary>Makes the token of a command on a machine; another one of that machine ends.</summary>
    /// <returns>Null when there is no such account (any more).</returns>
    public static async Task<string?> NewTokenAsync(
        ServedFarm farm,
        string account,
        string host,
        bool writes,
        CancellationToken cancel
    )
    {
        var token = Secret.NewToken();
        return await farm.Registry.AddCredentialAsync(
            account,
            new(Secret.Sha256Of(token), Session: false, $"login on {host}", writes, TokenTime),
            cancel
        )
            ? token
            : null;
    }

    private Task WaysAsync(HttpContext http)
    {
        string[] offered =
        [
            "token",
            "browser",
            .. ways.Provider is null ? (string[])[] : ["oidc"],
            .. ways.Kerberos ? (string[])["kerberos"] : [],
        ];
        return Answers.Json(new LoginAnswer(offered), ApiJson.Default.LoginAnswer).ExecuteAsync(http);
    }

    private async Task<IResult> BeginAsync(HttpContext http)
    {
        var (request, problem) = await RequestBody.ReadAsync(http, RequestJson.Default.HostRequest);
        if (request is null)
            return problem!;
        if (HostName.Fault(request.Host) is { } fault)
            return Answers.BadRequest(fault);
        var address = AccessGate.AddressOf(http);
        using var lease = begun.AttemptAcquire(address);
        if (!lease.IsAcquired || logins.Begin(request.Host, address) is not var (login, claim))
            return Answers.TooManyRequests(http, "too many commands want to log in");
        return Answers.Json(
            new CodeAnswer(claim, login.Code, "/login/code", (int)CommandLogins.Valid.TotalSeconds, Interval),
            ApiJson.Default.CodeAnswer
        );
    }

    private async Task<IResult> TakeAsync(HttpContext http)
    {
        var (request, problem) = await RequestBody.ReadAsync(http, RequestJson.Default.ClaimRequest);
        if (request is null)
            return problem!;
        if (!gate.MayGuess(http, wrong: false))
            return Answers.TooManyRequests(http, "too many wrong secrets have come from here");
        var login = Secret.IsClaim(request.Claim) ? logins.Take(request.Claim) : null;
        if (login is null)
        {
            gate.MayGuess(http, wrong: true);
            return Answers.NotFound("this log-in is unknown, used up or too old: run 'pkgforge login' again");
        }
        if (login.State == CommandLoginState.Waits)
            return Answers.Json(new ClaimAnswer(null), ApiJson.Default.ClaimAnswer);
        var token =
            login.State == CommandLoginState.Allowed
                ? await NewTokenAsync(farm, login.Account, login.Host, login.Writes, http.RequestAborted)
                : null;
        return token is null
            ? Answers.Problem(
                StatusCodes.Status403Forbidden,
                ProblemTypes.Refused,
                "not allowed",
                "this log-in was refused in the browser"
            )
            : Answers.Json(new ClaimAnswer(token), ApiJson.Default.ClaimAnswer);
    }
}
