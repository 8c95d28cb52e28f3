using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Hosting;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Access;

/// <summary>
/// Stands before every request: finds out who asks, by a bearer token (RFC 6750) or the cookie of a session, and lets through whom the route's
/// <see cref="Rule"/> lets through. A request that changes something and comes with a cookie must come from a form of this site.
/// </summary>
internal sealed class AccessGate(IRegistry registry, bool anonymousLooks, RequestLimits limits) : IAsyncDisposable
{
    /// <summary>The hidden field of forms.</summary>
    public const string FormField = "form";

    private const string Scheme = "Bearer ";
    private const int MostGuesses = 30;
    private const int MostForm = 64 << 10;

    /// <summary>More are forgotten.</summary>
    private const int MostProven = 10_000;

    /// <summary>Wrong credentials cost a look into the registry each: so many in a minute from one address.</summary>
    private readonly PartitionedRateLimiter<string> guesses = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(
            address,
            _ => new() { PermitLimit = MostGuesses, Window = TimeSpan.FromMinutes(1) }
        )
    );

    /// <summary>Credentials that were right when they were last used.</summary>
    private readonly ConcurrentDictionary<string, bool> proven = new(StringComparer.Ordinal);

    /// <summary>Who makes a request that was let through.</summary>
    public static Visitor VisitorOf(HttpContext http) => (Visitor)http.Items[typeof(Visitor)]!;

    public Func<RequestDelegate, RequestDelegate> Before() =>
        next =>
            async http =>
            {
                // What is no route of ours only says that there is none, or that it takes other methods.
                if (http.GetEndpoint() is not RouteEndpoint endpoint)
                {
                    await next(http);
                    return;
                }
                var refusal = await RefuseAsync(http, endpoint.Metadata.GetMetadata<RuleOf>());
                await (refusal is null ? next(http) : PageAnswers.SendAsync(http, refusal));
            };

    /// <summary>Counts a wrong credential. Returns false when too many came from this address.</summary>
    public bool MayGuess(HttpContext http, bool wrong) =>
        guesses.AttemptAcquire(AddressOf(http), wrong ? 1 : 0).IsAcquired;

    public async ValueTask DisposeAsync()
    {
        await guesses.DisposeAsync();
        await limits.DisposeAsync();
    }

    private async Task<IResult?> RefuseAsync(HttpContext http, RuleOf? route)
    {
        if (route is null)
            return Answers.NotFound("this route is nobody's");
        if (route.Rule == Rule.Builder)
            return null;
        var (visitor, problem) = await EnterAsync(http);
        if (problem is not null && route.Rule != Rule.Open)
            return problem;
        http.Items[typeof(Visitor)] = visitor;
        if (limits.Refuse(http) is { } tooMany)
            return tooMany;
        if (!visitor.Satisfies(route.Rule))
            return Deny(http, visitor, route.Rule);
        return await IsForgedAsync(http, visitor, route.ChecksForm)
            ? Answers.Forbidden(
                "this request does not come from a page of this site: open the page again, and try once more"
            )
            : null;
    }

    private async Task<(Visitor Visitor, IResult? Problem)> EnterAsync(HttpContext http)
    {
        var nobody = new Visitor(null, anonymousLooks, null);
        var session = SessionCookie.Read(http);
        var secret = BearerOf(http) ?? session;
        if (secret is null)
            return (nobody, null);
        var isSession = ReferenceEquals(secret, session);
        var wellFormed = isSession ? Secret.IsSession(secret) : Secret.IsToken(secret);
        var sha256 = Secret.Sha256Of(secret);
        // Those who have proved who they are do not wait for others' guesses from the same address.
        if (wellFormed && !proven.ContainsKey(sha256) && !MayGuess(http, wrong: false))
            return (nobody, Answers.TooManyRequests(http, $"{MostGuesses} wrong tokens have come from here"));
        var holder = wellFormed ? await registry.FindCredentialAsync(sha256, http.RequestAborted) : null;
        // A cookie is no way in for scripts, nor a token one for browsers.
        if (holder is not null && holder.Session == isSession)
        {
            Prove(sha256);
            return (new(holder, anonymousLooks, isSession ? Secret.FormTokenOf(secret) : null), null);
        }
        proven.TryRemove(sha256, out _);
        if (isSession)
            // The session has ended: the browser is as one that never was here.
            return (nobody, null);
        // What has not the form of a token needs no look into the registry, and so is no guess.
        if (wellFormed)
            MayGuess(http, wrong: true);
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"pkgforge\", error=\"invalid_token\"";
        return (
            nobody,
            Answers.Problem(
                StatusCodes.Status401Unauthorized,
                ProblemTypes.Token,
                "token",
                "this token is unknown, revoked or expired: 'pkgforge account token NAME' on the farm's server makes a new one"
            )
        );
    }

    private void Prove(string sha256)
    {
        if (proven.Count >= MostProven)
            proven.Clear();
        proven[sha256] = true;
    }

    private static string? BearerOf(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }

    private static IResult Deny(HttpContext http, Visitor visitor, Rule rule)
    {
        if (visitor.Holder is not null)
            return Answers.Forbidden(
                rule switch
                {
                    Rule.Admin =>
                        $"only admins may do this, and '{visitor.Account}' is none, or the token may only look",
                    Rule.Own => "a token may not do this: log in with a browser",
                    _ => $"'{visitor.Account}' may only look, or the token may: an admin can change that",
                }
            );
        if (HttpMethods.IsGet(http.Request.Method) && Prefers.Pages(http))
            return TypedResults.LocalRedirect(
                $"/login?to={Uri.EscapeDataString(http.Request.Path + http.Request.QueryString)}"
            );
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"pkgforge\"";
        return Answers.Problem(
            StatusCodes.Status401Unauthorized,
            ProblemTypes.Token,
            "token",
            "no token: expected the header 'Authorization: Bearer TOKEN', or log in at /login"
        );
    }

    /// <summary>Whether a request with a cookie that changes something comes from elsewhere than a form of this site.</summary>
    private static async Task<bool> IsForgedAsync(HttpContext http, Visitor visitor, bool elsewhere)
    {
        var method = http.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))
            return false;
        // Browsers say where a request comes from, and let no page change that.
        if (
            http.Request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site
            && site is not ("same-origin" or "none")
        )
            return true;
        if (visitor.FormToken is null || elsewhere)
            return false;
        if (!http.Request.HasFormContentType)
            return true;
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MostForm;
        var form = await http.Request.ReadFormAsync(
            new FormOptions { BufferBodyLengthLimit = MostForm, ValueCountLimit = 32 },
            http.RequestAborted
        );
        return !CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(form[FormField].ToString()),
            Encoding.UTF8.GetBytes(visitor.FormToken)
        );
    }

    /// <summary>Where a request comes from.</summary>
    public static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "local";

    /// <summary>Whom limits count: the account, or the address of those without one.</summary>
    public static string CallerOf(HttpContext http) =>
        VisitorOf(http).Account is { } account ? $"+{account}" : AddressOf(http);
}
