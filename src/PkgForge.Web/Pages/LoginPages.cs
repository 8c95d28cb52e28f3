using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>Logging in with a token, and out. A browser keeps a session instead of the token, so that it ends by itself, and alone.</summary>
internal sealed class LoginPages(ServedFarm farm, AccessGate gate)
{
    private const int MostForm = 4 << 10;

    /// <summary>A session ends with the working day.</summary>
    private static readonly TimeSpan SessionTime = TimeSpan.FromHours(12);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/login", (RequestDelegate)AskAsync).For(Rule.Open);
        routes.MapPost("/login", (RequestDelegate)EnterAsync).For(Rule.Open);
        routes.MapPost("/logout", (RequestDelegate)LeaveAsync).For(Rule.Open);
    }

    private static Task AskAsync(HttpContext http) => ShowAsync(http, Local(http.Request.Query["to"].ToString()), null);

    private async Task EnterAsync(HttpContext http)
    {
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MostForm;
        if (!http.Request.HasFormContentType)
        {
            await PageAnswers.SendAsync(http, Answers.BadRequest("expected the form of the page /login"));
            return;
        }
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (token, to) = (form["token"].ToString().Trim(), Local(form["to"].ToString()));
        if (!gate.MayGuess(http, wrong: false))
        {
            await ShowAsync(http, to, "Too many wrong tokens have come from here: try again in a minute.");
            return;
        }
        var holder = Secret.IsToken(token)
            ? await farm.Registry.FindCredentialAsync(Secret.Sha256Of(token), http.RequestAborted)
            : null;
        if (holder is null or { Session: true })
        {
            gate.MayGuess(http, wrong: true);
            await ShowAsync(http, to, "This token is unknown, revoked or expired.");
            return;
        }
        var session = Secret.NewSession();
        await farm.Registry.AddCredentialAsync(
            holder.Account,
            new(Secret.Sha256Of(session), Session: true, "browser", holder.Writes, SessionTime),
            http.RequestAborted
        );
        await farm.Registry.AddAuditAsync(holder.Account, "log in", "", http.RequestAborted);
        SessionCookie.Write(http, session, SessionTime);
        Go(http, to);
    }

    private async Task LeaveAsync(HttpContext http)
    {
        if (SessionCookie.Read(http) is { } session)
            await farm.Registry.EndCredentialAsync(Secret.Sha256Of(session), http.RequestAborted);
        SessionCookie.Remove(http);
        Go(http, "/login");
    }

    private static Task ShowAsync(HttpContext http, string to, string? trouble)
    {
        if (trouble is not null)
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return PageAnswers.WriteAsync(http, LoginPage.Create(new(new(http, "Log in"), to, trouble)));
    }

    private static void Go(HttpContext http, string to)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = to;
    }

    /// <summary>Only a path of this site: no link to here leads elsewhere.</summary>
    private static string Local(string to) =>
        to.StartsWith('/')
        && !to.StartsWith("//", StringComparison.Ordinal)
        && !to.Contains('\\')
        && !to.Any(char.IsControl)
            ? to
            : "/";
}
