using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.SignIn;

namespace PkgForge.Web.Pages;

/// <summary>Where somebody lets a command in that shows a code: <c>/login/code</c>.</summary>
internal sealed class CommandLoginPages(ServedFarm farm, AccessGate gate, CommandLogins logins)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/login/code", (RequestDelegate)AskAsync).For(Rule.Own);
        routes.MapPost("/login/code", (RequestDelegate)DecideAsync).For(Rule.Own);
    }

    private Task AskAsync(HttpContext http)
    {
        var code = CommandLogins.Normal(http.Request.Query["code"].ToString());
        return code.Length == 0 ? ShowAsync(http, null, null) : FindAsync(http, code);
    }

    private Task FindAsync(HttpContext http, string code)
    {
        if (!gate.MayGuess(http, wrong: false))
            return ShowAsync(http, null, "Too many wrong codes have come from here: try again in a minute.");
        if (logins.Find(code) is { } login)
            return ShowAsync(http, login, null);
        gate.MayGuess(http, wrong: true);
        return ShowAsync(
            http,
            null,
            "No command waits with this code: it was mistyped, used, or is older than 10 minutes."
        );
    }

    private async Task DecideAsync(HttpContext http)
    {
        var holder = AccessGate.VisitorOf(http).Holder!;
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var code = CommandLogins.Normal(form["code"].ToString());
        if (logins.Find(code) is not { } login)
        {
            await FindAsync(http, code);
            return;
        }
        var allows = form["decision"] == "allow";
        await farm.Registry.AddAuditAsync(
            holder.Account,
            allows ? "allow command" : "refuse command",
            $"on {login.Host} at {login.Address}",
            http.RequestAborted
        );
        logins.Decide(code, waits => Decided(waits, holder, allows));
        await PageAnswers.WriteAsync(
            http,
            CommandLoginPage.Create(
                new(
                    new(http, "Log a command in"),
                    null,
                    null,
                    allows ? CommandLoginState.Allowed : CommandLoginState.Refused
                )
            )
        );
    }

    private static CommandLogin Decided(CommandLogin login, CredentialHolder holder, bool allows) =>
        login with
        {
            State = allows ? CommandLoginState.Allowed : CommandLoginState.Refused,
            Account = holder.Account,
            Writes = holder.Writes,
        };

    private static Task ShowAsync(HttpContext http, CommandLogin? login, string? trouble)
    {
        if (trouble is not null)
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        return PageAnswers.WriteAsync(
            http,
            CommandLoginPage.Create(new(new(http, "Log a command in"), login, trouble, CommandLoginState.Waits))
        );
    }
}
