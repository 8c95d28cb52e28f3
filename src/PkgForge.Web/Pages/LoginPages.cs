using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.SignIn;

namespace PkgForge.Web.Pages;

/// <summary>Logging in with a token, and out. A browser keeps a session instead of the token, so that it ends by itself, and alone.</summary>
/// <param name="farm">What is served.</param>
/// <param name="gate">Counts wrong tokens.</param>
/// <param name="ways">The other ways to log in.</param>
internal sealed class LoginPages(ServedFarm farm, AccessGate gate, LoginWays ways)
{
    private const int MostForm = 4 << 10;

    private readonly Sessions sessions = new(farm.Registry);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/login", (RequestDelegate)AskAsync).For(Rule.Open);
        routes.MapPost("/login", (RequestDelegate)EnterAsync).For(Rule.Open);
        routes.MapPost("/logout", (RequestDelegate)LeaveAsync).For(Rule.Open);
    }

    private Task AskAsync(HttpContext http) => ShowAsync(http, LocalPath.Of(http.Request.Query["to"].ToString()), null);

    private async Task EnterAsync(HttpContext http)
    {
        if (RequestBody.Bound(http, MostForm) is { } tooMuch)
        {
            await PageAnswers.SendAsync(http, tooMuch);
            return;
        }
        if (!http.Request.HasFormContentType)
        {
            await PageAnswers.SendAsync(http, Answers.BadRequest("expected the form of the page /login"));
            return;
        }
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (token, to) = (form["token"].ToString().Trim(), LocalPath.Of(form["to"].ToString()));
        if (!gate.MayGuess(http, wrong: false))
        {
            await ShowAsync(http, to, "Too many wrong tokens have come from here: try again in a minute.");
            return;
        }
        var holder = Secret.IsToken(token)
            ? await farm.Registry.FindCredentialAsync(Secret.Sha256Of(token), http.RequestAborted)
            : null;
        if (
            holder is null or { Session: true }
            || !await sessions.BeginAsync(http, holder.Account, holder.Writes, "token", Sessions.Current(http))
        )
        {
            gate.MayGuess(http, wrong: true);
            await ShowAsync(http, to, "This token is unknown, revoked or expired.");
            return;
        }
        await PageAnswers.SendAsync(http, new SeeOther(to));
    }

    private async Task LeaveAsync(HttpContext http)
    {
        if (Sessions.Current(http) is { } session)
            await farm.Registry.EndCredentialAsync(session, http.RequestAborted);
        SessionCookie.Remove(http);
        await PageAnswers.SendAsync(http, new SeeOther("/login"));
    }

    private Task ShowAsync(HttpContext http, string to, string? trouble)
    {
        if (trouble is not null)
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return PageAnswers.WriteAsync(http, LoginPage.Create(new(new(http, "Log in"), to, trouble, ways)));
    }
}
