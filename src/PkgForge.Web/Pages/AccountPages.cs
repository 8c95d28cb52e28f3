using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.SignIn;

namespace PkgForge.Web.Pages;

/// <summary>An account for its owner: what it may do, the sessions and tokens that it has, new tokens; <c>/account</c>.</summary>
internal sealed class AccountPages(ServedFarm farm)
{
    private const int MostTokens = 50;
    private const int MostDays = 365;
    private const int LongestLabel = 50;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/account", (RequestDelegate)(http => ShowAsync(http))).For(Rule.Own);
        routes.MapPost("/account/token", (RequestDelegate)MakeAsync).For(Rule.Own);
        routes.MapPost("/account/end", (RequestDelegate)EndAsync).For(Rule.Own);
        routes.MapPost("/account/end-all", (RequestDelegate)EndAllAsync).For(Rule.Own);
    }

    private async Task ShowAsync(HttpContext http, string? token = null, string? trouble = null)
    {
        var holder = AccessGate.VisitorOf(http).Holder!;
        if (trouble is not null)
            http.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        var credentials = await farm.Registry.ListCredentialsAsync(holder.Account, http.RequestAborted);
        await PageAnswers.WriteAsync(
            http,
            AccountPage.Create(
                new(new(http, holder.Account), holder, credentials, Sessions.Current(http), token, trouble)
            )
        );
    }

    private async Task MakeAsync(HttpContext http)
    {
        var holder = AccessGate.VisitorOf(http).Holder!;
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var label = form["label"].ToString().Trim();
        var days = int.TryParse(form["days"], NumberStyles.None, CultureInfo.InvariantCulture, out var given)
            ? given
            : 0;
        var trouble =
            label.Length is 0 or > LongestLabel || label.Any(char.IsControl)
                ? $"A token has a label of 1 to {LongestLabel} characters."
            : days is < 1 or > MostDays ? $"A token is valid for 1 to {MostDays} days."
            : await CountAsync(http, holder, label) >= MostTokens
                ? $"There are {MostTokens} tokens already: end those that are not needed."
            : null;
        if (trouble is not null)
        {
            await ShowAsync(http, trouble: trouble);
            return;
        }
        var token = Secret.NewToken();
        // A session that may only look makes no token that may do more.
        var writes = holder.Writes && form["read_only"].Count == 0;
        await farm.Registry.AddAuditAsync(holder.Account, "make token", label, http.RequestAborted);
        await farm.Registry.AddCredentialAsync(
            holder.Account,
            new(Secret.Sha256Of(token), Session: false, label, writes, TimeSpan.FromDays(days)),
            http.RequestAborted
        );
        await ShowAsync(http, token);
    }

    /// <summary>How many tokens there would be beside one of this label.</summary>
    private async Task<int> CountAsync(HttpContext http, CredentialHolder holder, string label) =>
        (await farm.Registry.ListCredentialsAsync(holder.Account, http.RequestAborted)).Count(one =>
            !one.Session && one.Label != label
        );

    private async Task EndAsync(HttpContext http)
    {
        var account = AccessGate.VisitorOf(http).Account!;
        var digest = (await http.Request.ReadFormAsync(http.RequestAborted))["digest"].ToString();
        var known = (await farm.Registry.ListCredentialsAsync(account, http.RequestAborted)).FirstOrDefault(one =>
            one.Sha256 == digest
        );
        if (known is not null)
        {
            await farm.Registry.AddAuditAsync(
                account,
                known.Session ? "end session" : "end token",
                known.Label,
                http.RequestAborted
            );
            await farm.Registry.EndOwnCredentialAsync(account, known.Sha256, http.RequestAborted);
        }
        // Whoever asks twice, or too late, has what he wants.
        await PageAnswers.SendAsync(http, new SeeOther("/account"));
    }

    private async Task EndAllAsync(HttpContext http)
    {
        var account = AccessGate.VisitorOf(http).Account!;
        await farm.Registry.AddAuditAsync(account, "log out everywhere", "", http.RequestAborted);
        await farm.Registry.EndCredentialsAsync(account, null, http.RequestAborted);
        SessionCookie.Remove(http);
        await PageAnswers.SendAsync(http, new SeeOther("/login"));
    }
}
