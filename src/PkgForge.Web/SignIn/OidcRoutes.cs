using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.SignIn;

/// <summary>Logging in at a provider of identities: the browser goes there, and comes back with a code (OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9207).</summary>
internal sealed class OidcRoutes(
    IRegistry registry,
    AccessGate gate,
    OidcOptions options,
    TimeProvider time,
    ILogger log
) : IDisposable
{
    private const int LongestCode = 4 << 10;

    private readonly OidcProvider provider = new(options, time);
    private readonly Sessions sessions = new(registry);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/login/oidc", (RequestDelegate)(http => GuardAsync(http, GoAsync))).For(Rule.Open);
        routes.MapGet("/login/oidc/callback", (RequestDelegate)(http => GuardAsync(http, ReturnAsync))).For(Rule.Open);
    }

    public void Dispose() => provider.Dispose();

    private async Task GuardAsync(HttpContext http, Func<HttpContext, Task<IResult>> run)
    {
        IResult answer;
        try
        {
            answer = gate.MayGuess(http, wrong: false)
                ? await run(http)
                : Answers.TooManyRequests(http, "too many failed log-ins have come from here");
        }
        catch (ProviderException e) when (e.RefusesCode)
        {
            gate.MayGuess(http, wrong: true);
            answer = Refuse(
                http,
                StatusCodes.Status403Forbidden,
                $"{options.Name} says that this log-in is used up or was begun elsewhere: log in again"
            );
        }
        catch (ProviderException e)
        {
            gate.MayGuess(http, wrong: true);
            log.ProviderFailed(options.Issuer, e.Message);
            answer = Answers.Unavailable(
                http,
                $"{options.Name}, where people log in, does not do its part: {e.Message}"
            );
        }
        await PageAnswers.SendAsync(http, answer);
    }

    private async Task<IResult> GoAsync(HttpContext http)
    {
        var known = await provider.DescribeAsync(anew: false, http.RequestAborted);
        var flow = OidcFlow.Begin(http, LocalPath.Of(http.Request.Query["to"].ToString()));
        return new SeeOther(
            QueryHelpers.AddQueryString(
                known.AuthorizationEndpoint,
                new Dictionary<string, string?>
                {
                    ["response_type"] = "code",
                    ["client_id"] = options.ClientId,
                    ["redirect_uri"] = options.Callback,
                    ["scope"] = string.Join(' ', options.Scopes.Prepend("openid").Distinct(StringComparer.Ordinal)),
                    ["state"] = flow.State,
                    ["nonce"] = flow.Nonce,
                    ["code_challenge"] = flow.Challenge,
                    ["code_challenge_method"] = "S256",
                }
            )
        );
    }

    private async Task<IResult> ReturnAsync(HttpContext http)
    {
        var query = http.Request.Query;
        if (OidcFlow.Take(http) is not { } flow || !flow.Began(query["state"].ToString()))
            return Refuse(
                http,
                StatusCodes.Status400BadRequest,
                "this log-in was not begun in this browser, or more than 10 minutes ago, or has been used: log in again"
            );
        var known = await provider.DescribeAsync(anew: false, http.RequestAborted);
        var issuer = query["iss"].ToString();
        if (issuer.Length > 0 ? issuer != options.Issuer : known.AuthorizationResponseIssParameterSupported)
            return Refuse(
                http,
                StatusCodes.Status403Forbidden,
                "this answer comes from another provider: log in again"
            );
        if (query["error"].ToString() is { Length: > 0 } error)
            return Refuse(
                http,
                StatusCodes.Status403Forbidden,
                $"{options.Name} has not let you in ({ErrorWord.Of(error)}): log in again, or ask who runs it"
            );
        if (query["code"].ToString() is not { Length: > 0 and <= LongestCode } code)
            return Refuse(http, StatusCodes.Status400BadRequest, $"{options.Name} has sent no code: log in again");
        var text = await provider.RedeemAsync(known, code, flow.Verifier, http.RequestAborted);
        var (token, fault) = await new IdTokenCheck(options, provider).RunAsync(text, flow, http.RequestAborted);
        if (token is null)
            gate.MayGuess(http, wrong: true);
        return token is null
            ? Refuse(
                http,
                StatusCodes.Status403Forbidden,
                $"what {options.Name} says of you is not to be believed: {fault}. Log in again, or tell who runs the farm"
            )
            : await EnterAsync(http, token, flow);
    }

    private async Task<IResult> EnterAsync(HttpContext http, JsonWebToken token, OidcFlow flow)
    {
        var name = IdTokenCheck.Text(token, options.AccountClaim) ?? "";
        if (JobRules.Submitter(name) is { } expected)
            return Refuse(
                http,
                StatusCodes.Status403Forbidden,
                $"{options.Name} says no name in '{options.AccountClaim}' that an account can have: expected {expected}"
            );
        if (options.Roles.Count > 0 && RoleOf(token) is null)
            return Refuse(
                http,
                StatusCodes.Status403Forbidden,
                $"'{name}' is in no group that may use this farm: ask who runs {options.Name}"
            );
        var entry = await registry.EnterAsync(
            new(options.Issuer, token.Subject, name),
            RoleOf(token),
            options.NewAccounts,
            http.RequestAborted
        );
        if (
            entry.Outcome != IdentityOutcome.Entered
            || !await sessions.BeginAsync(http, entry.Account, writes: true, options.Name, flow.Former)
        )
            return Refuse(http, StatusCodes.Status403Forbidden, NoEntry(entry));
        // The browser counts where it goes from here as asked by the other site, and would not bring the new session. From a page of this site it does.
        http.Response.Headers.Append("Refresh", string.Create(CultureInfo.InvariantCulture, $"0; url={flow.To}"));
        return new LandingResult(entry.Account, flow.To);
    }

    private string NoEntry(IdentityEntry entry) =>
        entry.Outcome == IdentityOutcome.OtherIdentity
            ? $"the account '{entry.Account}' is another person's of {options.Name}, who had this name before: an admin can change that "
                + $"('pkgforge account forget {entry.Account}')"
            : $"there is no account '{entry.Account}': an admin can make one ('pkgforge account add {entry.Account}')";

    private AccountRole? RoleOf(JsonWebToken token)
    {
        var roles = token
            .Claims.Where(claim => claim.Type == options.GroupsClaim)
            .Select(claim => options.Roles.TryGetValue(claim.Value, out var role) ? role : default)
            .ToList();
        return roles.Count > 0 && roles.Max() is var most && most != default ? most : null;
    }

    private IResult Refuse(HttpContext http, int status, string detail)
    {
        log.LoginRefused(AccessGate.AddressOf(http), detail);
        return Answers.Problem(status, ProblemTypes.Token, "not logged in", detail);
    }

    /// <summary>A page that leads on.</summary>
    private sealed class LandingResult(string account, string to) : IResult
    {
        public Task ExecuteAsync(HttpContext http) =>
            PageAnswers.WriteAsync(http, LandingPage.Create(new(new(http, "Logged in"), account, to)));
    }
}
