using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry;
using PkgForge.Registry.Administration;
using PkgForge.Registry.Views;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>Accounts and their tokens, for admins: <c>/api/v1/accounts</c>.</summary>
internal sealed class AdminAccounts(ServedFarm farm)
{
    private const string One = "/accounts/{account}";

    /// <summary>How long a token is valid when nothing is said.</summary>
    public static readonly TimeSpan UsualTime = TimeSpan.FromDays(90);

    public void Map(IEndpointRouteBuilder routes)
    {
        const string maintains = $"{One}/maintains/{{bucket}}";
        routes.MapAdmin("POST", "/accounts", AccountOperations.Add, AddAsync);
        routes.MapAdmin("GET", One, AccountOperations.Show, ShowAsync);
        routes.MapAdmin("PATCH", One, AccountOperations.Change, ChangeAsync);
        routes.MapAdmin("DELETE", One, AccountOperations.Remove, RemoveAsync);
        routes.MapAdmin("PUT", maintains, AccountOperations.Entrust, http => MaintainAsync(http, true));
        routes.MapAdmin("DELETE", maintains, AccountOperations.Relieve, http => MaintainAsync(http, false));
        routes.MapAdmin("POST", $"{One}/tokens", AccountOperations.AddToken, AddTokenAsync);
        routes.MapAdmin("DELETE", $"{One}/tokens", AccountOperations.Revoke, RevokeAsync);
    }

    /// <summary>Makes a token of an account.</summary>
    public static async Task<Answer<string>> MakeTokenAsync(
        FarmAdministration farm,
        string account,
        NewToken request,
        CancellationToken cancel
    )
    {
        var token = Secret.NewToken();
        var credential = new NewCredential(
            Secret.Sha256Of(token),
            Session: false,
            request.Label,
            Writes: !request.ReadOnly,
            AdminRoutes.Seconds(request.ValidSeconds, UsualTime)
        );
        return await farm.AddTokenAsync(account, credential, cancel) is { } refusal ? refusal : token;
    }

    private async Task<IResult> AddAsync(HttpContext http)
    {
        var (request, bad) = await RequestBody.ReadAsync(http, AdminRequestJson.Default.NewAccount);
        if (request is null)
            return bad!;
        if (AdminRoutes.Role(request.Role) is not { } role)
            return NoRole(request.Role);
        if (await farm.By(http).AddAccountAsync(request.Name, role, http.RequestAborted) is { } refusal)
            return AdminRoutes.Problem(refusal);
        http.Response.Headers.Location = $"/api/v1/accounts/{request.Name}";
        http.Response.StatusCode = StatusCodes.Status201Created;
        return await ShowAsync(http, request.Name);
    }

    private Task<IResult> ShowAsync(HttpContext http) => ShowAsync(http, Name(http));

    private async Task<IResult> ShowAsync(HttpContext http, string name)
    {
        var accounts = await farm.Registry.ListAccountsAsync(http.RequestAborted);
        return accounts.FirstOrDefault(account => account.Name == name) is { } found
            ? Answers.Json(AccountJson.Of(found), AdminJson.Default.AccountJson)
            : Answers.NotFound($"there is no account '{name}'");
    }

    private async Task<IResult> ChangeAsync(HttpContext http)
    {
        var (request, bad) = await RequestBody.ReadAsync(http, AdminRequestJson.Default.AccountChange);
        if (request is null)
            return bad!;
        if (AdminRoutes.Role(request.Role) is not { } role)
            return NoRole(request.Role);
        var refusal = await farm.By(http).SetRoleAsync(Name(http), role, http.RequestAborted);
        return refusal is null ? await ShowAsync(http) : AdminRoutes.Problem(refusal);
    }

    private async Task<IResult> RemoveAsync(HttpContext http) =>
        AdminRoutes.Done(await farm.By(http).RemoveAccountAsync(Name(http), http.RequestAborted));

    private async Task<IResult> MaintainAsync(HttpContext http, bool maintains) =>
        AdminRoutes.Done(
            await farm.By(http)
                .SetMaintainerAsync(Name(http), Addressed.Part(http, "bucket"), maintains, http.RequestAborted)
        );

    private async Task<IResult> AddTokenAsync(HttpContext http)
    {
        var (request, bad) = await RequestBody.ReadOrAsync(http, AdminRequestJson.Default.NewToken, new());
        if (request is null)
            return bad!;
        var made = await MakeTokenAsync(farm.By(http), Name(http), request, http.RequestAborted);
        return made.Refusal is { } refusal
            ? AdminRoutes.Problem(refusal)
            : TypedResults.Json(
                new TokenAnswer(Name(http), request.Label, made.Value, request.ReadOnly),
                AdminJson.Default.TokenAnswer,
                statusCode: StatusCodes.Status201Created
            );
    }

    private async Task<IResult> RevokeAsync(HttpContext http) =>
        AdminRoutes.Done(
            await farm.By(http)
                .EndTokensAsync(
                    Name(http),
                    http.Request.Query["label"].ToString() is { Length: > 0 } label ? label : null,
                    http.RequestAborted
                ),
            ended => new RevokedAnswer(ended),
            AdminJson.Default.RevokedAnswer
        );

    private static IResult NoRole(string word) =>
        Answers.BadRequest($"'{word}' is no role: expected {AdminRoutes.Roles}");

    private static string Name(HttpContext http) => Addressed.Part(http, "account");
}
