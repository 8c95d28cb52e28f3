using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Registry.Views;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>Builders, for admins: <c>/api/v1/builders</c>.</summary>
internal sealed class AdminBuilders(ServedFarm farm)
{
    private const string One = "/builders/{builder}";

    /// <summary>How long a code may be used when nothing is said.</summary>
    public static readonly TimeSpan UsualTime = TimeSpan.FromHours(1);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAdmin("POST", "/builders", BuilderOperations.Add, AddAsync);
        routes.MapAdmin("GET", One, BuilderOperations.Show, ShowAsync, Access.Rule.Look);
        routes.MapAdmin("PATCH", One, BuilderOperations.Change, ChangeAsync);
        routes.MapAdmin("DELETE", One, BuilderOperations.Remove, DeleteAsync);
        routes.MapAdmin("DELETE", $"{One}/quarantine", BuilderOperations.Release, ReleaseAsync);
        routes.MapAdmin("POST", $"{One}/enrolment", BuilderOperations.Enrol, EnrolAsync);
        routes.MapAdmin("DELETE", $"{One}/tokens", BuilderOperations.Revoke, RevokeAsync);
    }

    private async Task<IResult> AddAsync(HttpContext http)
    {
        var (request, bad) = await RequestBody.ReadAsync(http, AdminRequestJson.Default.NewBuilder);
        if (request is null)
            return bad!;
        var (platform, none) = AdminRoutes.Platform(request.Platform);
        if (none is not null)
            return none;
        if (await farm.By(http).AddBuilderAsync(request.Name, platform, http.RequestAborted) is { } refusal)
            return AdminRoutes.Problem(refusal);
        http.Response.Headers.Location = $"/api/v1/builders/{request.Name}";
        http.Response.StatusCode = StatusCodes.Status201Created;
        return await ShowAsync(http, request.Name);
    }

    private Task<IResult> ShowAsync(HttpContext http) => ShowAsync(http, Name(http));

    private async Task<IResult> ShowAsync(HttpContext http, string name)
    {
        var builders = await farm.Registry.ListBuildersAsync(http.RequestAborted);
        return builders.FirstOrDefault(builder => builder.Name == name) is { } found
            ? Answers.Json(BuilderJson.Of(found), AdminJson.Default.BuilderJson)
            : Answers.NotFound($"there is no builder '{name}'");
    }

    private async Task<IResult> ChangeAsync(HttpContext http)
    {
        var (request, bad) = await RequestBody.ReadAsync(http, AdminRequestJson.Default.BuilderChange);
        if (request is null)
            return bad!;
        if (request.Draining is not { } draining)
            return Answers.BadRequest("expected 'draining', true or false");
        var refusal = await farm.By(http).SetDrainingAsync(Name(http), draining, http.RequestAborted);
        return refusal is null ? await ShowAsync(http) : AdminRoutes.Problem(refusal);
    }

    private async Task<IResult> DeleteAsync(HttpContext http) =>
        AdminRoutes.Done(await farm.By(http).DeleteBuilderAsync(Name(http), http.RequestAborted));

    private async Task<IResult> ReleaseAsync(HttpContext http) =>
        AdminRoutes.Done(await farm.By(http).ReleaseBuilderAsync(Name(http), http.RequestAborted));

    private async Task<IResult> EnrolAsync(HttpContext http)
    {
        var (request, bad) = await RequestBody.ReadOrAsync(http, AdminRequestJson.Default.NewEnrolment, new());
        if (request is null)
            return bad!;
        if (AdminRoutes.AddressOf(farm, http) is not { } server)
            return Answers.BadRequest(
                "this server does not know its own address: name it by 'url:' in section 'serve:'"
            );
        var code = await farm.By(http)
            .AddEnrolmentAsync(Name(http), AdminRoutes.Seconds(request.ValidSeconds, UsualTime), http.RequestAborted);
        return AdminRoutes.Done(
            code,
            value => new EnrolmentAnswer(Name(http), value, ServerAddress.EnrolmentLine(server, value)),
            AdminJson.Default.EnrolmentAnswer
        );
    }

    private async Task<IResult> RevokeAsync(HttpContext http) =>
        AdminRoutes.Done(
            await farm.By(http).RevokeBuilderAsync(Name(http), http.RequestAborted),
            ended => new RevokedAnswer(ended),
            AdminJson.Default.RevokedAnswer
        );

    private static string Name(HttpContext http) => Addressed.Part(http, "builder");
}
