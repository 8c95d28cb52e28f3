using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Administration;
using PkgForge.Registry.Views;
using PkgForge.Sources;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>Platforms, for admins: <c>/api/v1/platforms</c>.</summary>
internal sealed class AdminPlatforms(ServedFarm farm)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAdmin("POST", "/platforms", PlatformOperations.Add, AddAsync);
        routes.MapAdmin("PATCH", "/platforms/{platform}", PlatformOperations.Change, ChangeAsync);
    }

    /// <summary>The format of a word; null for none.</summary>
    public static PackageFormat? Format(string word) =>
        Array.FindAll(Enum.GetValues<PackageFormat>(), format => Words.Of(format) == word) is [var found]
            ? found
            : null;

    private async Task<IResult> AddAsync(HttpContext http)
    {
        var (request, bad) = await RequestBody.ReadAsync(http, AdminRequestJson.Default.NewPlatform);
        if (request is null)
            return bad!;
        if (Format(request.Format) is not { } format)
            return Answers.BadRequest($"'{request.Format}' is no format: expected debian, rpm or dummy");
        var key = new PlatformKey(request.Name, request.Architecture);
        var platform = new Platform(key, format, Active: true, request.Auto);
        if (await farm.By(http).AddPlatformAsync(platform, http.RequestAborted) is { } refusal)
            return AdminRoutes.Problem(refusal);
        return TypedResults.Json(
            PlatformJson.Of(platform),
            AdminJson.Default.PlatformJson,
            statusCode: StatusCodes.Status201Created
        );
    }

    private async Task<IResult> ChangeAsync(HttpContext http)
    {
        var (key, none) = AdminRoutes.Platform(Addressed.Part(http, "platform"));
        if (none is not null)
            return none;
        var (request, bad) = await RequestBody.ReadAsync(http, AdminRequestJson.Default.PlatformChange);
        if (request is null)
            return bad!;
        if (request is { Active: null, Auto: null })
            return Answers.BadRequest("expected 'active' or 'auto', true or false");
        if (await ChangeAsync(farm.By(http), key, request, http.RequestAborted) is { } refusal)
            return AdminRoutes.Problem(refusal);
        var platforms = await farm.Registry.ListPlatformsAsync(http.RequestAborted);
        return Answers.Json(PlatformJson.Of(platforms.First(p => p.Key == key)), AdminJson.Default.PlatformJson);
    }

    private static async Task<Refusal?> ChangeAsync(
        FarmAdministration farm,
        PlatformKey key,
        PlatformChange change,
        CancellationToken cancel
    )
    {
        if (change.Active is { } active && await farm.SetPlatformActiveAsync(key, active, cancel) is { } refusal)
            return refusal;
        return change.Auto is { } auto ? await farm.SetPlatformAutoAsync(key, auto, cancel) : null;
    }
}
